import type { JsonObject } from "../jsonRpc.ts";
import { Connection } from "./connection.ts";
import { nobody } from "./connectionHandlers.ts";
import { describeExit } from "./describeExit.ts";
import { discover, initialize, type ServerDescription } from "./handshake.ts";
import type { LaunchArgs } from "./launchArgs.ts";
import { Liveness } from "./liveness.ts";

/** A process of the server that can take a call. */
export interface Upstream {
    connection: Connection;
    description: ServerDescription;
}

/** A process of the server that belongs to one session, one caller or one call. */
export interface Lease extends Upstream {
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
    private readonly warmed: Connection[] = [];
    private readonly kept = new Map<string, Kept[]>();
    private keptCount = 0;
    private stopping = false;
    private wanted = false;
    private pingable = true;

    constructor(args: ChildPoolArgs) {
        this.args = args;
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
     * @param key who may have it again afterwards; undefined for nobody
     */
    async lease(params: JsonObject | undefined, key?: string): Promise<Lease | NoLease> {
        const kept = key === undefined ? undefined : this.takeKept(key);
        if (kept !== undefined) {
            return this.createLease(kept.connection, kept.description, key);
        }
        const connection = this.warmed.shift() ?? this.launch() ?? (await this.makeRoom());
        if (connection === undefined) {
            const reason = `the server has its ${this.args.max} processes, all in use`;
            return { full: true, reason };
        }
        setTimeout(() => this.refill(), refillDelay).unref();
        const { startLimit } = this.args;
        const description = await (params === undefined
            ? discover(connection, startLimit)
            : initialize(connection, params, startLimit));
        if (typeof description === "string") {
            connection.kill();
            return { full: false, reason: `the server ${description}` };
        }
        this.liveness.watch(connection, description.era);
        return this.createLease(connection, description, key);
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

    private createLease(
        connection: Connection,
        description: ServerDescription,
        key: string | undefined,
    ): Lease {
        let released = false;
        const release = (clean = true): void => {
            if (released) {
                return;
            }
            released = true;
            connection.handlers = nobody;
            if (clean && key !== undefined && !connection.over && !this.stopping) {
                this.keep(key, connection, description);
            } else {
                void this.end(connection);
            }
        };
        return { connection, description, release };
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
    private async makeRoom(): Promise<Connection | undefined> {
        const [key, entries] = this.kept.entries().next().value ?? [];
        const oldest = entries?.[0];
        if (key === undefined || oldest === undefined) {
            return undefined;
        }
        this.forget(key, oldest);
        await this.end(oldest.connection);
        return this.launch();
    }

    private async end(connection: Connection): Promise<void> {
        this.liveness.forget(connection);
        await connection.stop();
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

    private remove(connection: Connection): void {
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
