import { Call, type CallEntry } from "../../calls/call.ts";
import type { Placement } from "../../calls/placement.ts";
import { canBeAsked } from "../../calls/processScope.ts";
import type { Idleness } from "../../collections/callerShares.ts";
import type { Quota } from "../../collections/quota.ts";
import type { Session } from "./session.ts";
import { isLease, type LeaseHolder } from "../../processes/childPool.ts";
import { buildInitializeResult, negotiateVersion } from "../translate/toLegacy.ts";
import type { Exchange } from "../../http/exchange.ts";
import { isObject, type RpcRequest } from "../../json/jsonRpc.ts";
import { principalKey } from "../../auth/principal.ts";
import { isRefusal, unavailable } from "../../json/refusal.ts";
import { connectLease } from "./connectLease.ts";
import { LeasedListening } from "./leasedListening.ts";
import { noRoomForSession, type SessionTable } from "./sessionTable.ts";

export interface InitializeArgs {
    entry: CallEntry;
    placement: Placement;
    sessions: SessionTable;
    /** Bounds what each caller, and all of them, subscribe to. */
    quota: Quota;
    /** Whether the program is about to end, so that nothing is begun that outlives a call. */
    draining: () => boolean;
}

/** Answers `initialize` and opens the session, with a process of its own where it is to have one. */
export async function initialize(
    args: InitializeArgs,
    exchange: Exchange,
    request: RpcRequest,
): Promise<void> {
    const { entry, placement, sessions, quota, draining } = args;
    const { params } = request;
    const call = new Call(entry, exchange, exchange, request);
    const capabilities = isObject(params?.capabilities) ? params.capabilities : {};
    const plan = placement.planSession(capabilities);
    // The session's id is a header, and a server may take long to start.
    exchange.headPending = true;
    const terms = {
        principal: principalKey(exchange.principal),
        protocolVersion: negotiateVersion(params?.protocolVersion),
        capabilities,
        clientInfo: isObject(params?.clientInfo) ? params.clientInfo : {},
    };
    const server =
        plan !== "shared" && draining()
            ? unavailable("this replica is about to end; try again")
            : await placement.find(plan === "request" ? "shared" : plan, placement.shared, {
                  principal: exchange.principal,
                  handshake: { ...params, protocolVersion: terms.protocolVersion, capabilities },
              });
    if (isRefusal(server)) {
        call.refuse(server);
        return;
    }
    if (exchange.over) {
        // The client did not wait for its session, and cannot know of it.
        if (isLease(server)) {
            server.release();
        }
        call.cancel("the client closed the stream");
        return;
    }
    // What the client said it can be asked, only this replica knows.
    const asked = server.description.era === "modern" && canBeAsked(capabilities);
    const session = sessions.open({ ...terms, plan }, plan !== "shared" || asked);
    if (session === undefined) {
        if (isLease(server)) {
            server.release();
        }
        call.refuse(noRoomForSession);
        return;
    }
    if (isLease(server)) {
        const limit = entry.context.callLimit;
        session.lease = server;
        if (server.description.era === "modern") {
            const caller = terms.principal ?? session;
            const listening = new LeasedListening(server.connection, quota, caller);
            session.listening = listening;
            session.endings.set("subscriptions", () => listening.close());
        }
        server.holder = new SessionLeaseHolder(session, sessions);
        connectLease(server, session, { limit, onExit: () => sessions.end(session.id) });
    }
    exchange.extraHeaders = ["mcp-session-id", session.id];
    const { description } = server;
    const version =
        plan === "session" && description.era === "legacy"
            ? description.protocolVersion
            : terms.protocolVersion;
    call.complete(buildInitializeResult(description, version, plan));
}

/** Ends a session whose process another caller needs: its client opens another one. */
class SessionLeaseHolder implements LeaseHolder {
    private readonly session: Session;
    private readonly sessions: SessionTable;

    constructor(session: Session, sessions: SessionTable) {
        this.session = session;
        this.sessions = sessions;
    }

    get usedAt(): number {
        return this.session.usedAt;
    }

    get idleness(): Idleness {
        return this.session.idleness;
    }

    reclaim(): void {
        this.sessions.end(this.session.id);
    }
}
