import { errorCodes, isObject, type JsonObject, type Outcome, type RequestId } from "../jsonRpc.ts";

/** Takes what a child says to a call. */
export interface CallHandlers {
    /** Progress of this call, with the caller's own token restored. Always before the answer. */
    onProgress(params: JsonObject): void;
    /**
     * The one answer; nothing follows it.
     *
     * @param line the child's own text of the answer, which names the call `id`; undefined when it is not the child's
     */
    onAnswer(outcome: Outcome, line: string | undefined, id: number): void;
}

interface OpenCall {
    handlers: CallHandlers;
    /** The caller's own progress token. */
    progressToken: RequestId | undefined;
    /** When the call has run out of time, in milliseconds of the monotonic clock. */
    expiresAt: number;
    onExpiry: (id: number) => void;
}

/** What the child is sent for a call. */
export interface OutgoingCall {
    id: number;
    params: JsonObject | undefined;
}

/**
 * The calls a child has not answered. Every call gets an id of the table's own, which also stands for its progress
 * token, so callers that chose equal ids or tokens never meet.
 */
export class CallTable {
    private readonly open = new Map<number, OpenCall>();
    private lastId = 0;
    /** One timer for all calls: most are answered long before, and a timer each would cost more than the call. */
    private timer: NodeJS.Timeout | undefined;
    private timerAt = Infinity;

    /** Calls without an answer. */
    get size(): number {
        return this.open.size;
    }

    /**
     * Enters a call.
     *
     * @param limit longest time the call may take, in milliseconds
     * @param onExpiry called when that time is over, instead of an answer
     */
    add(
        params: JsonObject | undefined,
        handlers: CallHandlers,
        limit: number,
        onExpiry: (id: number) => void,
    ): OutgoingCall {
        const id = ++this.lastId;
        const meta = params?._meta;
        const token = isObject(meta) ? meta.progressToken : undefined;
        const progressToken =
            typeof token === "string" || typeof token === "number" ? token : undefined;
        const expiresAt = performance.now() + limit;
        this.open.set(id, { handlers, progressToken, expiresAt, onExpiry });
        if (expiresAt < this.timerAt) {
            this.arm(expiresAt, limit);
        }
        if (progressToken === undefined) {
            return { id, params };
        }
        return { id, params: { ...params, _meta: { ...(meta as JsonObject), progressToken: id } } };
    }

    /** Gives the child's answer to its caller. False when nobody waits for it (any more). */
    answer(id: unknown, outcome: Outcome, line?: string): boolean {
        const call = this.open.get(id as number);
        if (call === undefined) {
            return false;
        }
        this.open.delete(id as number);
        call.handlers.onAnswer(outcome, line, id as number);
        return true;
    }

    /** Gives progress to its caller. False when nobody waits for it. */
    progress(params: JsonObject | undefined): boolean {
        const call = this.open.get(Number(params?.progressToken));
        if (call?.progressToken === undefined) {
            return false;
        }
        call.handlers.onProgress({ ...params, progressToken: call.progressToken });
        return true;
    }

    /** Whether a call waits for its answer. */
    has(id: number): boolean {
        return this.open.has(id);
    }

    /** Forgets a call; its late answer is dropped. False when it was not open. */
    forget(id: number): boolean {
        return this.open.delete(id);
    }

    /** Answers every open call with the same failure. */
    failAll(message: string, data?: unknown): void {
        clearTimeout(this.timer);
        this.timerAt = Infinity;
        const error = { code: errorCodes.internalError, message, data };
        for (const id of [...this.open.keys()]) {
            this.answer(id, { error });
        }
    }

    private arm(at: number, delay: number): void {
        clearTimeout(this.timer);
        this.timerAt = at;
        this.timer = setTimeout(() => this.expire(), delay);
        this.timer.unref();
    }

    private expire(): void {
        const now = performance.now();
        this.timerAt = Infinity;
        let next = Infinity;
        for (const [id, { expiresAt, onExpiry }] of [...this.open]) {
            // Timers may fire a millisecond early.
            if (expiresAt <= now + 1) {
                this.open.delete(id);
                onExpiry(id);
            } else {
                next = Math.min(next, expiresAt);
            }
        }
        if (next < this.timerAt) {
            this.arm(next, next - now);
        }
    }
}
