import type { ChildPool, NoLease } from "./childPool.ts";
import { PrincipalChild } from "./principalChild.ts";

interface Entry {
    child: Promise<PrincipalChild | NoLease>;
    usedAt: number;
}

/** One process for each principal, started when it first comes. */
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
    find(
        principal: string,
        params: Parameters<ChildPool["lease"]>[0],
    ): Promise<PrincipalChild | NoLease> {
        const known = this.entries.get(principal);
        if (known !== undefined) {
            known.usedAt = Date.now();
            return known.child;
        }
        const child = this.open(principal, params);
        this.entries.set(principal, { child, usedAt: Date.now() });
        return child;
    }

    /** Looks after the processes no more; the pool ends them. */
    stop(): void {
        clearInterval(this.sweep);
    }

    private async open(
        principal: string,
        params: Parameters<ChildPool["lease"]>[0],
    ): Promise<PrincipalChild | NoLease> {
        const lease = await this.pool.lease(params);
        if (!("connection" in lease)) {
            this.entries.delete(principal);
            return lease;
        }
        return new PrincipalChild(lease, () => this.entries.delete(principal));
    }

    private async endIdle(idleTime: number): Promise<void> {
        for (const [principal, { child, usedAt }] of this.entries) {
            if (Date.now() - usedAt > idleTime) {
                const found = await child;
                if ("connection" in found && !found.busy) {
                    this.entries.delete(principal);
                    found.end();
                }
            }
        }
    }
}
