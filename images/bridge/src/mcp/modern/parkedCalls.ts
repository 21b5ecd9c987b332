import { shareOf } from "../../collections/callerShares.ts";
import { unavailable } from "../../json/refusal.ts";

/** What is kept of a call while its client is asked. */
export interface Parked {
    /** Gives up. */
    cancel(reason: string): void;
}

/** Refuses a call that would have to wait when too many do. */
export const noRoom = unavailable("too many calls wait for their client's input; try again");

interface Entry {
    call: Parked;
    timer: NodeJS.Timeout;
    caller: string | undefined;
}

/** Calls that wait for their client's input, by the name of the round. */
export class ParkedCalls {
    private readonly max: number;
    private readonly lifetime: number;
    private readonly calls = new Map<string, Entry>();
    /** How many of them each known caller has. */
    private readonly callers = new Map<string, number>();

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

    /** Whether there is room for another call of a caller; a known one may not have it all. */
    hasRoom(caller: string | undefined): boolean {
        const own = caller === undefined ? 0 : (this.callers.get(caller) ?? 0);
        return this.calls.size < this.max && own < shareOf(this.max);
    }

    /** Keeps a call of a caller until its client comes back. */
    add(nonce: string, call: Parked, caller: string | undefined): void {
        const timer = setTimeout(() => {
            this.remove(nonce);
            call.cancel("the client did not come back with its input");
        }, this.lifetime);
        timer.unref();
        this.calls.set(nonce, { call, timer, caller });
        this.count(caller, 1);
    }

    /** The call of a round. */
    find(nonce: string): Parked | undefined {
        return this.calls.get(nonce)?.call;
    }

    /** Forgets a round, whose call goes on. */
    remove(nonce: string): void {
        const entry = this.calls.get(nonce);
        if (entry !== undefined) {
            clearTimeout(entry.timer);
            this.calls.delete(nonce);
            this.count(entry.caller, -1);
        }
    }

    /** Gives up every call. */
    abandonAll(): void {
        for (const { call, timer } of this.calls.values()) {
            clearTimeout(timer);
            call.cancel("the server is shutting down");
        }
        this.calls.clear();
        this.callers.clear();
    }

    private count(caller: string | undefined, added: number): void {
        if (caller === undefined) {
            return;
        }
        const count = (this.callers.get(caller) ?? 0) + added;
        if (count > 0) {
            this.callers.set(caller, count);
        } else {
            this.callers.delete(caller);
        }
    }
}
