import type { Lease } from "../child/childPool.ts";
import { legacyVersions } from "../child/handshake.ts";
import type { Forwarder, Upstream } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import { planSession, type Plan } from "../isolationPlan.ts";
import { errorCodes, type JsonObject } from "../jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Upstreams } from "../upstreams.ts";
import { connectLease } from "./connectLease.ts";
import type { Session } from "./session.ts";

export interface FindArgs {
    isolation: Isolation;
    forwarder: Forwarder;
    upstreams: Upstreams;
}

/** Finds who can tell what the server is: for a session of its own, the process that it leases. */
export async function findServer(
    upstreams: Upstreams,
    plan: Plan,
    principal: string | undefined,
    params: JsonObject,
): Promise<Upstream | Lease | Refusal> {
    const main = await upstreams.waitForShared();
    if (isRefusal(main) || plan === "shared" || plan === "request") {
        return main;
    }
    const { era } = main.description;
    return plan === "session"
        ? await upstreams.lease(params, era)
        : await upstreams.ofPrincipal(principal, era);
}

/** Finds whose process serves a request. */
export function findUpstream(
    args: FindArgs,
    exchange: Exchange,
    session: Session | undefined,
    reply: Reply,
): Upstream | Refusal | Promise<Upstream | Lease | Refusal> {
    const { isolation, upstreams } = args;
    if (session?.lease !== undefined) {
        return session.lease;
    }
    const plan = session?.terms.plan ?? planSession(isolation, {});
    switch (plan) {
        case "shared":
            return upstreams.shared ?? upstreams.waitForShared();
        case "session":
            return sessionNeeded;
        case "principal":
            return findServer(upstreams, plan, principalKey(exchange.principal), {});
        case "request":
            return leaseForRequest(args, session, reply);
    }
}

async function leaseForRequest(
    { upstreams, forwarder }: FindArgs,
    session: Session | undefined,
    reply: Reply,
): Promise<Lease | Refusal> {
    const main = await upstreams.waitForShared();
    if (isRefusal(main)) {
        return main;
    }
    const { protocolVersion, capabilities, clientInfo } = session?.terms ?? nobody;
    const params = { protocolVersion, capabilities, clientInfo };
    const { era } = main.description;
    if (session === undefined) {
        return await upstreams.leaseAlone(params, era);
    }
    const lease = await upstreams.lease(params, era);
    if (!isRefusal(lease)) {
        connectLease(lease, session, forwarder.callLimit, () => lease.release(), reply);
    }
    return lease;
}

const nobody = {
    protocolVersion: legacyVersions[0],
    capabilities: {},
    clientInfo: { name: "unknown", version: "0" },
};

const sessionNeeded: Refusal = {
    status: 400,
    error: {
        code: errorCodes.invalidRequest,
        message:
            "this server gives each session a process of its own; send 'initialize' first, then the header 'Mcp-Session-Id'",
    },
};
