// Over 200 lines because ids, slots and time limits of calls are one table, whose speed each call pays for.
import {
    errorCodes,
    isObject,
    isRequestId,
    type JsonObject,
    type Outcome,
    type RequestId,
} from "../json/jsonRpc.ts";
import type { Line } from "../json/text.ts";

/** Takes what a child says to a call. */
export interface CallHandlers {
    /** Progress of this call, with the caller's own token restored. Always before the answer. */
    onProgress(params: JsonObject): void;
    /**
     * The one answer; nothing follows it.
     *
     * @param line the child's own line, which names the call `id`; undefined when it is not the child's
     */
    onAnswer(outcome: Outcome, line: Line | undefined, id: number): void;
}

/** Limit of a call that lasts as long as its client wants, in milliseconds: no timer is longer. */
export const forever = 2 ** 31 - 1;

interface OpenCall {
    id: number;
    handlers: CallHandlers;
    /** The caller's own progress token. */
    progressToken: RequestId | undefined;
    /** When the call has run out of time, in milliseconds of the monotonic clock. */
    expiresAt: number;
    lasting: boolean;
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
    /** The open calls, each at its id modulo the length, which is a power of two; no `Map`, for the reason that `DenseSet` has. */
    private slots: (OpenCall | undefined)[] = emptySlots(64);
    private count = 0;
    private lastingCount = 0;
    private lastId = 0;
    /** One timer for all calls: most are answered long before, and a timer each would cost more than the call. */
    private timer: NodeJS.Timeout | undefined;
    private timerAt = Infinity;

    /** Calls without an answer. */
    get size(): number {
        return this.count;
    }

    /** Calls that the child is expected to answer in time: those that do not last as long as their clients want. */
    get expected(): number {
        return this.count - this.lastingCount;
    }

    /**
     * Enters a call.
     *
     * @param limit longest time the call may take, in milliseconds; `forever` for a call that lasts
     * @param onExpiry called when that time is over, instead of an answer
     */
    add(
        params: JsonObject | undefined,
        handlers: CallHandlers,
        limit: number,
        onExpiry: (id: number) => void,
    ): OutgoingCall {
        const id = this.takeId();
        const meta = params?._meta;
        const token = isObject(meta) ? meta.progressToken : undefined;
        const progressToken = isRequestId(token) ? token : undefined;
        const expiresAt = performance.now() + limit;
        const lasting = limit === forever;
        this.slots[id & (this.slots.length - 1)] = {
            id,
            handlers,
            progressToken,
            expiresAt,
            lasting,
            onExpiry,
        };
        this.count++;
        this.lastingCount += Number(lasting);
        if (expiresAt < this.timerAt) {
            this.arm(expiresAt, limit);
        }
        if (progressToken === undefined) {
            return { id, params };
        }
        return { id, params: { ...params, _meta: { ...(meta as JsonObject), progressToken: id } } };
    }

    /** Gives the child's answer to its caller. False when nobody waits for it (any more). */
    answer(id: unknown, outcome: Outcome, line?: Line): boolean {
        const call = this.find(id);
        if (call === undefined) {
            return false;
        }
        this.remove(call);
        call.handlers.onAnswer(outcome, line, call.id);
        return true;
    }

    /** Gives progress to its caller. False when nobody waits for it. */
    progress(params: JsonObject | undefined): boolean {
        const call = this.find(params?.progressToken);
        if (call?.progressToken === undefined) {
            return false;
        }
        call.handlers.onProgress({ ...params, progressToken: call.progressToken });
        return true;
    }

    /** Whether a call waits for its answer. */
    has(id: number): boolean {
        return this.find(id) !== undefined;
    }

    /** Forgets a call; its late answer is dropped. False when it was not open. */
    forget(id: number): boolean {
        const call = this.find(id);
        if (call !== undefined) {
            this.remove(call);
        }
        return call !== undefined;
    }

    /** Answers every open call with the same failure. */
    failAll(message: string, data?: unknown): void {
        clearTimeout(this.timer);
        this.timerAt = Infinity;
        const error = { code: errorCodes.internalError, message, data };
        for (const call of this.all()) {
            this.answer(call.id, { error });
        }
    }

    private all(): OpenCall[] {
        return this.slots.filter((call) => call !== undefined);
    }

    private find(id: unknown): OpenCall | undefined {
        // Some servers answer with the id as text, or write a token as one.
        const number = typeof id === "string" ? Number(id) : id;
        if (typeof number !== "number") {
            return undefined;
        }
        const call = this.slots[number & (this.slots.length - 1)];
        return call?.id === number ? call : undefined;
    }

    private remove({ id, lasting }: OpenCall): void {
        this.slots[id & (this.slots.length - 1)] = undefined;
        this.count--;
        this.lastingCount -= Number(lasting);
    }

    /** The next id whose place is free. No id is ever given twice, so a late answer reaches nobody. */
    private takeId(): number {
        if (this.count * 2 >= this.slots.length) {
            const calls = this.all();
            this.slots = emptySlots(this.slots.length * 2);
            for (const call of calls) {
                this.slots[call.id & (this.slots.length - 1)] = call;
            }
        }
        do {
            this.lastId++;
        } while (this.slots[this.lastId & (this.slots.length - 1)] !== undefined);
        return this.lastId;
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
        for (const call of this.all()) {
            // Timers may fire a millisecond early, and the end of one call may be that of another.
            if (call.expiresAt > now + 1) {
                next = Math.min(next, call.expiresAt);
            } else if (this.forget(call.id)) {
                call.onExpiry(call.id);
            }
        }
        if (next < this.timerAt) {
            this.arm(next, next - now);
        }
    }
}

function emptySlots(length: number): (OpenCall | undefined)[] {
    return new Array<OpenCall | undefined>(length).fill(undefined);
}
