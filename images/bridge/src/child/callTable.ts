import { errorCodes, isObject, type JsonObject, type Outcome, type RequestId } from "../jsonRpc.ts";

export interface CallHandlers {
    /** Progress of this call, with the caller's own token restored. Always before the answer. */
    onProgress(params: JsonObject): void;
    /** The one answer; nothing follows it. */
    onAnswer(outcome: Outcome): void;
}

interface OpenCall extends CallHandlers {
    progressToken: RequestId | undefined;
    timer: NodeJS.Timeout;
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
        const tracked = typeof token === "string" || typeof token === "number";
        const timer = setTimeout(onExpiry, limit, id);
        this.open.set(id, { ...handlers, progressToken: tracked ? token : undefined, timer });
        if (!tracked || !isObject(meta)) {
            return { id, params };
        }
        return { id, params: { ...params, _meta: { ...meta, progressToken: id } } };
    }

    /** Gives the child's answer to its caller. False when nobody waits for it (any more). */
    answer(id: unknown, outcome: Outcome): boolean {
        const call = this.remove(id);
        call?.onAnswer(outcome);
        return call !== undefined;
    }

    /** Gives progress to its caller. False when nobody waits for it. */
    progress(params: JsonObject | undefined): boolean {
        const call = this.open.get(Number(params?.progressToken));
        if (call?.progressToken === undefined) {
            return false;
        }
        call.onProgress({ ...params, progressToken: call.progressToken });
        return true;
    }

    /** Forgets a call; its late answer is dropped. False when it was not open. */
    forget(id: number): boolean {
        return this.remove(id) !== undefined;
    }

    /** Answers every open call with the same failure. */
    failAll(message: string, data?: unknown): void {
        const error = { code: errorCodes.internalError, message, data };
        for (const id of [...this.open.keys()]) {
            this.answer(id, { error });
        }
    }

    private remove(id: unknown): OpenCall | undefined {
        const call = this.open.get(id as number);
        if (call) {
            this.open.delete(id as number);
            clearTimeout(call.timer);
        }
        return call;
    }
}
