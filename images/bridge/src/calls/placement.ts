import type { ServerDescription } from "../stdio/handshake.ts";
import type { PrincipalChild } from "../processes/principalChild.ts";
import { isLease, type Lease, type Upstream } from "../processes/childPool.ts";
import { rejectServerRequests } from "../processes/sharedChild.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import { principalKey, type Principal } from "../auth/principal.ts";
import { isRefusal, type Refusal } from "../json/refusal.ts";
import type { ServerProcesses } from "../processes/serverProcesses.ts";
import { planRequest, planSession, type ProcessScope } from "./processScope.ts";

type Era = ServerDescription["era"];

/** The client that a process is to serve. */
export interface PlacedClient {
    principal: Principal;
    /** Parameters of `initialize` for a process of its own. */
    handshake: JsonObject;
    /** Who may have the process again after this client (default nobody). */
    key?: string | undefined;
    /** Whether the server can ask this client something; otherwise its requests are rejected at once (default true). */
    attended?: boolean;
}

/** Chooses the process that serves a call: the only place that knows about isolation. */
export class Placement {
    private readonly isolation: Isolation;
    private readonly upstreams: ServerProcesses;

    constructor(isolation: Isolation, upstreams: ServerProcesses) {
        this.isolation = isolation;
        this.upstreams = upstreams;
    }

    /** Whose process serves a session of a client up to 2025-11-25. */
    planSession(capabilities: JsonObject): ProcessScope {
        return planSession(this.isolation, capabilities);
    }

    /** Whose process serves a request without a session; see `planRequest`. */
    planRequest(method: string, particular: boolean): ProcessScope {
        return planRequest(this.isolation, method, particular);
    }

    /** Whether known callers may have their last process again for the next request. */
    get reuses(): boolean {
        return this.isolation === "auto";
    }

    /** The shared process that serves clients up to 2025-11-25 and says what the server is, as soon as it is ready. */
    get shared(): Upstream | Promise<Upstream | Refusal> {
        return this.upstreams.shared ?? this.upstreams.waitForShared();
    }

    /** Finds the process for a client; at once when it is the shared one and that is ready. */
    find(
        plan: ProcessScope,
        shared: Upstream | Promise<Upstream | Refusal>,
        client: PlacedClient,
    ): Upstream | Promise<Upstream | Lease | Refusal> {
        return plan === "shared" ? shared : this.findOwn(plan, shared, client);
    }

    /** Finds the process of a known caller, which all its requests share. */
    findOfPrincipal(principal: Principal, era: Era): Promise<PrincipalChild | Refusal> {
        return this.upstreams.ofPrincipal(principalKey(principal), era);
    }

    private async findOwn(
        plan: ProcessScope,
        shared: Upstream | Promise<Upstream | Refusal>,
        { principal, handshake, key, attended = true }: PlacedClient,
    ): Promise<Upstream | Lease | Refusal> {
        const { upstreams } = this;
        const main = await shared;
        if (isRefusal(main)) {
            return main;
        }
        const { era } = main.description;
        if (plan === "principal") {
            return await this.findOfPrincipal(principal, era);
        }
        const caller = principalKey(principal);
        const lease = await upstreams.lease(handshake, era, { caller, key });
        if (isLease(lease) && !attended) {
            const { connection } = lease;
            connection.handlers = rejectServerRequests(connection, () => lease.release());
        }
        return lease;
    }
}
