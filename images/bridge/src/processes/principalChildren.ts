import { idleness } from "../collections/callerShares.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { ChildPool, NoLease } from "./childPool.ts";
import type { ServerDescription } from "../stdio/handshake.ts";
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

    /**
     * The process of a principal.
     *
     * @param era of the server; a principal has a process for each
     */
    find(
        principal: string,
        era: ServerDescription["era"],
        params: JsonObject | undefined,
    ): Promise<PrincipalChild | NoLease> {
        const name = `${era} ${principal}`;
        const known = this.entries.get(name);
        if (known !== undefined) {
            known.usedAt = Date.now();
            return known.child;
        }
        const entry = { child: this.open(name, principal, params), usedAt: Date.now() };
        this.entries.set(name, entry);
        return entry.child;
    }

    /** Looks after the processes no more; the pool ends them. */
    stop(): void {
        clearInterval(this.sweep);
    }

    private async open(
        name: string,
        principal: string,
        params: JsonObject | undefined,
    ): Promise<PrincipalChild | NoLease> {
        const lease = await this.pool.lease(params, { caller: principal });
        if (!("connection" in lease)) {
            this.entries.delete(name);
            return lease;
        }
        const { entries } = this;
        const child = new PrincipalChild(lease, () => entries.delete(name));
        lease.holder = {
            get usedAt() {
                return entries.get(name)?.usedAt ?? 0;
            },
            get idleness() {
                return child.idleness;
            },
            reclaim: () => child.reclaim(),
        };
        return child;
    }

    private async endIdle(idleTime: number): Promise<void> {
        for (const [principal, { child, usedAt }] of this.entries) {
            if (Date.now() - usedAt > idleTime) {
                const found = await child;
                if ("connection" in found && found.idleness === idleness.idle) {
                    this.entries.delete(principal);
                    found.end();
                }
            }
        }
    }
}
