import { modernVersions } from "../stdio/handshake.ts";
import { errorCodes } from "../json/jsonRpc.ts";
import { unavailable } from "../json/refusal.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Session } from "./legacy/session.ts";
import { readOwnerReplica } from "./legacy/eventStreams.ts";
import type { SessionRouter } from "./legacy/sessionRouter.ts";
import type { SessionTable } from "./legacy/sessionTable.ts";
import type { SharedMethods } from "./legacy/sharedMethods.ts";
import { accepts } from "../http/accepts.ts";
import { readHeader, type Exchange } from "../http/exchange.ts";
import { refuse } from "../http/writeJson.ts";

export interface McpRouteArgs {
    post: (exchange: Exchange, session: Session | undefined) => void;
    sessions: SessionTable;
    router: SessionRouter;
    shared: SharedMethods;
    replicas: Replicas;
    /** Whether the program is about to end, so that no stream is opened for long. */
    draining: () => boolean;
}

/** Serves the MCP endpoint: POST for messages of either era, GET and DELETE for sessions. */
export function createMcpRoute(args: McpRouteArgs): (exchange: Exchange) => void {
    const { post, sessions, router, replicas, draining } = args;

    return (exchange) => {
        const { request, headers } = exchange;
        if (request.method === "GET" && draining()) {
            const { status, error } = unavailable("this replica is about to end; try again");
            refuse(exchange.response, status, error, { "retry-after": "1" });
            return;
        }
        const session = isModernHead(exchange) ? undefined : router.find(exchange);
        if (session === "taken") {
            return;
        }
        if (request.method === "POST") {
            post(exchange, session);
        } else if (session === undefined) {
            // Without a session there is no stream to open and nothing to end, and the later era has no sessions.
            refuseMethod(exchange, "POST");
        } else if (request.method === "GET") {
            if (!accepts(headers.accept, "text/event-stream")) {
                const message = "accept must allow 'text/event-stream'";
                refuse(exchange.response, 406, { code: errorCodes.invalidRequest, message });
            } else {
                findAndListen(args, exchange, session);
            }
        } else if (request.method === "DELETE") {
            sessions.end(session.id);
            void replicas.broadcast(exchange);
            exchange.response.writeHead(204).end();
        } else {
            refuseMethod(exchange, "GET, POST, DELETE");
        }
    };
}

/** Opens a stream at the replica that has what the client wants to go on with, or the session's streams. */
function findAndListen(args: McpRouteArgs, exchange: Exchange, session: Session): void {
    const last = readHeader(exchange.headers, "last-event-id");
    const ownerReplica =
        (last === undefined ? undefined : readOwnerReplica(last)) ?? session.openingReplica;
    const listenHere = (): void => listen(args, exchange, session, last);
    if (!args.replicas.proxyUnlessSelf(exchange, ownerReplica, listenHere)) {
        listenHere();
    }
}

function listen(
    { shared }: McpRouteArgs,
    exchange: Exchange,
    session: Session,
    last: string | undefined,
): void {
    if (session.terms.plan === "shared") {
        shared.listen(session);
    }
    exchange.markLasting();
    if (last === undefined) {
        session.streams.attach(session.streams.standalone, exchange);
    } else if (!session.streams.resume(exchange, last)) {
        const message = `event '${last}' is not kept any more; what followed it is lost`;
        refuse(exchange.response, 400, { code: errorCodes.invalidRequest, message });
    }
}

function refuseMethod({ response }: Exchange, allow: string): void {
    const message = `only ${allow} is served here`;
    refuse(response, 405, { code: errorCodes.invalidRequest, message }, { allow });
}

function isModernHead({ headers }: Exchange): boolean {
    return modernVersions.includes(readHeader(headers, "mcp-protocol-version") ?? "");
}
