// Over 200 lines because leased, warm and kept processes share one limit, and each makes room for the others.
import { CallerShares, idleness, type Held, type Idleness } from "../collections/callerShares.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import { Connection } from "../stdio/connection.ts";
import { nobody } from "../stdio/connectionHandlers.ts";
import { describeExit } from "../stdio/describeExit.ts";
import { discover, initialize, isFailure, type ServerDescription } from "../stdio/handshake.ts";
import type { LaunchArgs } from "../stdio/launchArgs.ts";
import { Liveness } from "./liveness.ts";

/** A process of the server that can take a call. */
export interface Upstream {
    connection: Connection;
    description: ServerDescription;
}

/** What a process is leased for, when that can do without it. */
export interface LeaseHolder extends Held {
    /** Gives the process back, because a caller needs one and there is no other. */
    reclaim(): void;
}

/** A process of the server that belongs to one session, one caller or one call. */
export interface Lease extends Upstream {
    /** Undefined for a process in use until it is released. */
    holder: LeaseHolder | undefined;
    /**
     * Gives the process back. It is ended, unless it was leased under a key: then the next lease under the same key may have it.
     *
     * @param clean false when it is not to be used again (default true)
     */
    release(clean?: boolean): void;
}

/** Whether a process was leased, and is not one that others use. */
export function isLease(value: object): value is Lease {
    return "release" in value;
}

/** Why no process can be leased. */
export interface NoLease {
    /** Whether there are as many processes as there may be. */
    full: boolean;
    reason: string;
}

export interface ChildPoolArgs {
    launch: LaunchArgs;
    /** Processes at once. */
    max: number;
    /** Processes kept started for the next lease. */
    warm: number;
    /** Longest time a handshake may take, in milliseconds. */
    startLimit: number;
    /** Time in which a process that has nothing to do must answer a ping, in milliseconds; 0 never asks. */
    pingLimit: number;
    /** How long a process that was given back waits for its next lease, in milliseconds. */
    keepTime: number;
}

interface Kept {
    connection: Connection;
    description: ServerDescription;
    timer: NodeJS.Timeout;
}

/** Who leases a process. */
export interface Lessee {
    /** Name of the caller; undefined for one of whom nothing is known. */
    caller: string | undefined;
    /** Who may have the process again afterwards (default nobody). */
    key?: string | undefined;
}

/** How long a process must have been unused before another caller gets it, in milliseconds: longer than between handshake and first call. */
const settleTime = 1000;

/** The place of a leased process among all. */
class Place implements Held {
    readonly caller: string | undefined;
    /** Known as soon as the process has shaken hands. */
    lease: Lease | undefined;

    constructor(caller: string | undefined) {
        this.caller = caller;
    }

    get usedAt(): number {
        return this.lease?.holder?.usedAt ?? Infinity;
    }

    get idleness(): Idleness {
        const holder = this.lease?.holder;
        const settled = holder !== undefined && Date.now() - holder.usedAt >= settleTime;
        return settled ? holder.idleness : idleness.busy;
    }
}

/** Time after a lease before the next process is started, in milliseconds: the one just leased needs the processor now. */
const refillDelay = 50;

/**
 * Processes of the server that are not shared. A few are kept started but not initialised, because the handshake says
 * what the one client can do; from the first lease on, so that a server nobody leases costs one process.
 */
export class ChildPool {
    private readonly args: ChildPoolArgs;
    /** Watches whoever has shaken hands; one that was only started is asked once, and by the handshake. */
    private readonly liveness: Liveness;
    private readonly running = new Set<Connection>();
    private readonly places: CallerShares<Place>;
    /** Places of leased processes, which end with them whoever has the lease. */
    private readonly placeOf = new Map<Connection, Place>();
    private readonly ending = new Set<Promise<void>>();
    private readonly warmed: Connection[] = [];
    private readonly kept = new Map<string, Kept[]>();
    private keptCount = 0;
    private stopping = false;
    private wanted = false;
    private pingable = true;

    constructor(args: ChildPoolArgs) {
        this.args = args;
        this.places = new CallerShares(args.max);
        this.liveness = new Liveness(args.pingLimit, args.launch.log);
    }

    /** Processes, by what they are for. */
    get counts(): { leased: number; warm: number; kept: number } {
        const warm = this.warmed.length;
        return { leased: this.running.size - warm - this.keptCount, warm, kept: this.keptCount };
    }

    /**
     * Leases a process.
     *
     * @param params what `initialize` says to it; undefined for a server of 2026-07-28, which has no such handshake
     */
    async lease(params: JsonObject | undefined, { caller, key }: Lessee): Promise<Lease | NoLease> {
        const place = new Place(caller);
        const kept = key === undefined ? undefined : this.takeKept(key);
        if (kept !== undefined) {
            this.places.add(caller, place);
            return this.createLease(kept, place, key);
        }
        const connection = await this.findConnection(place);
        if (connection === undefined) {
            const reason = `the server has its ${this.args.max} processes, all in use`;
            return { full: true, reason };
        }
        setTimeout(() => this.refill(), refillDelay).unref();
        const { startLimit } = this.args;
        const description = await (params === undefined
            ? discover(connection, startLimit)
            : initialize(connection, params, startLimit));
        if (isFailure(description)) {
            this.places.remove(caller, place);
            connection.kill();
            return { full: false, reason: `the server ${description.reason}` };
        }
        this.liveness.watch(connection, description.era);
        return this.createLease({ connection, description }, place, key);
    }

    /** Starts the processes that are kept for the next leases, now that there may be some. */
    warmUp(): void {
        this.wanted ||= (this.refill(), true);
    }

    /** Ends every process. */
    async stop(): Promise<void> {
        this.stopping = true;
        this.liveness.stop();
        for (const { timer } of [...this.kept.values()].flat()) {
            clearTimeout(timer);
        }
        await Promise.all([...this.running].map((connection) => connection.stop()));
    }

    /** Finds a process for a place: one that waits, a new one, or a new one instead of one that is not in use. */
    private async findConnection(place: Place): Promise<Connection | undefined> {
        const { caller } = place;
        const room = this.places.findRoom(caller);
        if (room !== "yes") {
            return room === "no" ? undefined : await this.replaceLeased(room, place);
        }
        // At once, so that no other caller gets it while this process starts.
        this.places.add(caller, place);
        const connection =
            this.warmed.shift() ??
            this.launch() ??
            (await this.replaceKept()) ??
            (await this.launchAfterEnd());
        if (connection === undefined) {
            this.places.remove(caller, place);
        }
        return connection;
    }

    private createLease(
        { connection, description }: Upstream,
        place: Place,
        key: string | undefined,
    ): Lease {
        let released = false;
        const release = (clean = true): void => {
            if (released) {
                return;
            }
            released = true;
            this.leave(connection);
            connection.handlers = nobody;
            if (clean && key !== undefined && !connection.over && !this.stopping) {
                this.keep(key, connection, description);
            } else {
                void this.end(connection);
            }
        };
        this.placeOf.set(connection, place);
        place.lease = { connection, description, holder: undefined, release };
        return place.lease;
    }

    private keep(key: string, connection: Connection, description: ServerDescription): void {
        const timer = setTimeout(() => {
            this.forget(key, entry);
            void this.end(connection);
        }, this.args.keepTime);
        const entry: Kept = { connection, description, timer: timer.unref() };
        this.kept.set(key, [...(this.kept.get(key) ?? []), entry]);
        this.keptCount++;
    }

    private takeKept(key: string): Kept | undefined {
        for (let entry = this.kept.get(key)?.at(-1); entry; entry = this.kept.get(key)?.at(-1)) {
            this.forget(key, entry);
            if (!entry.connection.over) {
                return entry;
            }
        }
        return undefined;
    }

    private forget(key: string, entry: Kept): void {
        clearTimeout(entry.timer);
        const entries = this.kept.get(key) ?? [];
        const rest = entries.filter((other) => other !== entry);
        this.keptCount -= entries.length - rest.length;
        if (rest.length > 0) {
            this.kept.set(key, rest);
        } else {
            this.kept.delete(key);
        }
    }

    /** Starts a process in place of one that only waits to be used again; undefined when there is none. */
    private async replaceKept(): Promise<Connection | undefined> {
        const [key, entries] = this.kept.entries().next().value ?? [];
        const oldest = entries?.[0];
        if (key === undefined || oldest === undefined) {
            return undefined;
        }
        this.forget(key, oldest);
        await this.end(oldest.connection);
        return this.launch();
    }

    /** Starts a process in place of one that is leased but not in use. */
    private async replaceLeased(unused: Place, place: Place): Promise<Connection | undefined> {
        const { lease } = unused;
        lease?.holder?.reclaim();
        this.places.remove(unused.caller, unused);
        this.places.add(place.caller, place);
        if (lease !== undefined) {
            await this.end(lease.connection);
        }
        const connection = this.warmed.shift() ?? this.launch();
        if (connection === undefined) {
            this.places.remove(place.caller, place);
        }
        return connection;
    }

    /** Starts a process when one that was given back is gone; undefined when there is none. */
    private async launchAfterEnd(): Promise<Connection | undefined> {
        if (this.ending.size === 0) {
            return undefined;
        }
        await Promise.race(this.ending);
        return this.launch();
    }

    private async end(connection: Connection): Promise<void> {
        this.liveness.forget(connection);
        const ended = connection.stop();
        this.ending.add(ended);
        await ended;
        this.ending.delete(ended);
    }

    /** Starts a process, when there may be one more. */
    private launch(): Connection | undefined {
        if (this.stopping || this.running.size >= this.args.max) {
            return undefined;
        }
        const connection: Connection = new Connection(this.args.launch, (exit) => {
            this.remove(connection);
            if (exit.startError !== undefined) {
                const reason = `the server ${describeExit(exit)}`;
                this.args.launch.log("error", "server not started", { reason });
            }
        });
        this.running.add(connection);
        return connection;
    }

    private refill(): void {
        const { max, warm } = this.args;
        while (!this.stopping && this.warmed.length < warm && this.running.size < max) {
            const connection = this.launch();
            if (connection === undefined) {
                return;
            }
            this.warmed.push(connection);
            void this.wake(connection);
        }
    }

    /**
     * Has a process that waits answer something, so that its first client does not wait for what it loads late: 1.5 ms of
     * a session's first 5 for a server of one file. A ping is all that may come before `initialize`; a server that ends
     * by it is not asked again.
     */
    private async wake(connection: Connection): Promise<void> {
        if (this.pingable) {
            await connection.request("ping", undefined, this.args.startLimit);
            this.pingable = !connection.over || this.stopping;
        }
    }

    /** Frees the place of a process that is not leased any more. */
    private leave(connection: Connection): void {
        const place = this.placeOf.get(connection);
        if (place !== undefined) {
            this.placeOf.delete(connection);
            this.places.remove(place.caller, place);
        }
    }

    private remove(connection: Connection): void {
        this.leave(connection);
        this.running.delete(connection);
        this.liveness.forget(connection);
        const warm = this.warmed.indexOf(connection);
        if (warm !== -1) {
            this.warmed.splice(warm, 1);
        }
        for (const [key, entries] of this.kept) {
            entries
                .filter((entry) => entry.connection === connection)
                .forEach((entry) => this.forget(key, entry));
        }
    }
}
