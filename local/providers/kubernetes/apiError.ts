import { isValues, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";

/** An error of the API server, with its own message. */
export class ApiError extends Error {
    /** HTTP status. */
    readonly status: number;
    /** The server's `Status` object; empty when it sent none. */
    readonly answer: Values;

    constructor(what: string, status: number, answer: Values) {
        const words = textOf(answer, "message") ?? "no message";
        super(`${what}: refused with status ${status}: ${words}`);
        this.status = status;
        this.answer = answer;
    }

    /** Whether the error is transient: the server is starting, or etcd is unavailable. */
    get isPassing(): boolean {
        if ([429, 502, 503, 504].includes(this.status)) return true;
        // Admission refuses all requests until its caches are filled.
        if (this.status === 403) return this.message.includes("not yet ready to handle request");
        return this.status === 500 && storeIsAway.test(this.message);
    }

    /** Fields owned by another manager; only a conflict of server-side apply has any. */
    get conflicts(): string[] {
        const { details } = this.answer;
        const causes = isValues(details) && Array.isArray(details.causes) ? details.causes : [];
        return causes
            .filter(isValues)
            .filter((cause) => cause.reason === "FieldManagerConflict")
            .map((cause) => `${textOf(cause, "field")} (${textOf(cause, "message")})`);
    }
}

const storeIsAway = /etcdserver|code = Unavailable|timed out|context deadline exceeded/;

/** The API server did not answer at all. */
export class UnreachableError extends Error {}

/** Whether an error says that the object, its namespace or its kind does not exist. */
export function isNotFound(error: unknown): error is ApiError {
    return error instanceof ApiError && error.status === 404;
}
