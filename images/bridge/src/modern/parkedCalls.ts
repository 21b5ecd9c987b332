import { unavailable } from "../refusal.ts";

/** What is kept of a call while its client is asked. */
export interface Parked {
    /** Gives up. */
    cancel(reason: string): void;
}

/** Refuses a call that would have to wait when too many do. */
export const noRoom = unavailable("too many calls wait for their client's input; try again");

/** Calls that wait for their client's input, by the name of the round. */
export class ParkedCalls {
    private readonly max: number;
    private readonly lifetime: number;
    private readonly calls = new Map<string, { call: Parked; timer: NodeJS.Timeout }>();

    /**
     * @param max calls that wait at once
     * @param lifetime how long each waits, in milliseconds
     */
    constructor(max: number, lifetime: number) {
        this.max = max;
        this.lifetime = lifetime;
    }

    /** Calls that wait. */
    get size(): number {
        return this.calls.size;
    }

    /** Whether there is no room for another one. */
    get full(): boolean {
        return this.calls.size >= this.max;
    }

    /** Keeps a call until its client comes back. */
    add(nonce: string, call: Parked): void {
        const timer = setTimeout(() => {
            this.calls.delete(nonce);
            call.cancel("the client did not come back with its input");
        }, this.lifetime);
        timer.unref();
        this.calls.set(nonce, { call, timer });
    }

    /** The call of a round. */
    find(nonce: string): Parked | undefined {
        return this.calls.get(nonce)?.call;
    }

    /** Forgets a round, whose call goes on. */
    remove(nonce: string): void {
        clearTimeout(this.calls.get(nonce)?.timer);
        this.calls.delete(nonce);
    }

    /** Gives up every call. */
    abandonAll(): void {
        for (const { call, timer } of this.calls.values()) {
            clearTimeout(timer);
            call.cancel("the server is shutting down");
        }
        this.calls.clear();
    }
}
