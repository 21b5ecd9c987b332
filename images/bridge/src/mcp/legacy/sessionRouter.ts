import type { Placement } from "../../calls/placement.ts";
import type { Exchange } from "../../http/exchange.ts";
import { finish, readHeader } from "../../http/exchange.ts";
import { errorCodes } from "../../json/jsonRpc.ts";
import { principalKey } from "../../auth/principal.ts";
import type { Replicas } from "../../replicas/replicas.ts";
import type { Session, SessionTerms } from "./session.ts";
import { noRoomForSession, type SessionName, type SessionTable } from "./sessionTable.ts";

/** Finds the session of a request, here or at the replica that has it. */
export class SessionRouter {
    private readonly sessions: SessionTable;
    private readonly replicas: Replicas;
    private readonly placement: Placement;

    constructor(sessions: SessionTable, replicas: Replicas, placement: Placement) {
        this.sessions = sessions;
        this.replicas = replicas;
        this.placement = placement;
    }

    /**
     * The session that a request names.
     *
     * @returns undefined for a request without one; "taken" when it was answered or passed on
     */
    find(exchange: Exchange): Session | undefined | "taken" {
        const id = readHeader(exchange.headers, "mcp-session-id");
        if (id === undefined) {
            return undefined;
        }
        const principal = principalKey(exchange.principal);
        return this.sessions.find(id, principal) ?? this.findElsewhere(exchange, id, principal);
    }

    /**
     * Passes a request on to the replica that opened the session, for what only that one has.
     *
     * @returns false when this is that replica, or it is gone and the session can go on here
     */
    proxyTo(exchange: Exchange, session: Session, onGone: () => void): boolean {
        return this.replicas.proxyUnlessSelf(exchange, session.openingReplica, onGone);
    }

    private findElsewhere(
        exchange: Exchange,
        id: string,
        principal: string | undefined,
    ): Session | "taken" {
        const name = this.sessions.read(id, principal);
        if (name === undefined || (name.bound && this.replicas.isSelf(name.address))) {
            refuseUnknown(exchange);
            return "taken";
        }
        if (!name.bound) {
            if (!this.mayShare(name)) {
                refuseUnknown(exchange);
                return "taken";
            }
            const session = this.sessions.adopt(id, { ...unknownTerms, principal }, name);
            if (session === undefined) {
                refuseSession(exchange);
            }
            return session ?? "taken";
        }
        void this.replicas.proxyTo(exchange, name.address, () => refuseUnknown(exchange));
        return "taken";
    }

    /** Whether a session that was opened for a shared process may have one here too: isolation may have become stricter since. */
    private mayShare({ asked }: SessionName): boolean {
        return this.placement.planSession(asked ? { elicitation: {} } : {}) === "shared";
    }
}

/** Of a session of a shared process any replica knows enough: nothing that was said in its handshake matters. */
const unknownTerms: Omit<SessionTerms, "principal"> = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "unknown", version: "0" },
    plan: "shared",
};

function refuseSession(exchange: Exchange): void {
    const { status, error, headers = [] } = noRoomForSession;
    exchange.addHeaders(headers);
    finish(exchange, null, { error }, status);
}

/** Tells a client to begin a new session; the same for one that never was, is over, or is somebody else's. */
export function refuseUnknown(exchange: Exchange): void {
    const message = "unknown session; send 'initialize' again";
    finish(exchange, null, { error: { code: errorCodes.invalidRequest, message } }, 404);
}
