import type { ChildPool, Lease, NoLease } from "./childPool.ts";
import { hearNothing } from "./sharedChild.ts";

interface Entry {
    lease: Promise<Lease | NoLease>;
    usedAt: number;
}

/** One process for each principal, shared by whatever that principal does, started when it first comes. */
export class PrincipalChildren {
    private readonly pool: ChildPool;
    private readonly entries = new Map<string, Entry>();
    private readonly sweep: NodeJS.Timeout;

    /** @param idleTime a process whose principal stays away this long is ended, in milliseconds */
    constructor(pool: ChildPool, idleTime: number) {
        this.pool = pool;
        const interval = Math.max(Math.min(idleTime / 4, 60_000), 100);
        this.sweep = setInterval(() => void this.endIdle(idleTime), interval);
        this.sweep.unref();
    }

    /** The process of a principal. */
    find(principal: string, params: Parameters<ChildPool["lease"]>[0]): Promise<Lease | NoLease> {
        const known = this.entries.get(principal);
        if (known !== undefined) {
            known.usedAt = Date.now();
            return known.lease;
        }
        const lease = this.open(principal, params);
        this.entries.set(principal, { lease, usedAt: Date.now() });
        return lease;
    }

    /** Looks after the processes no more; the pool ends them. */
    stop(): void {
        clearInterval(this.sweep);
    }

    private async open(
        principal: string,
        params: Parameters<ChildPool["lease"]>[0],
    ): Promise<Lease | NoLease> {
        const lease = await this.pool.lease(params);
        if (!("connection" in lease)) {
            this.entries.delete(principal);
            return lease;
        }
        const { connection } = lease;
        connection.handlers = hearNothing(connection, () => {
            this.entries.delete(principal);
            lease.release();
        });
        return lease;
    }

    private async endIdle(idleTime: number): Promise<void> {
        for (const [principal, { lease, usedAt }] of this.entries) {
            if (Date.now() - usedAt > idleTime) {
                const found = await lease;
                if ("connection" in found && found.connection.openCalls === 0) {
                    this.entries.delete(principal);
                    found.release();
                }
            }
        }
    }
}
