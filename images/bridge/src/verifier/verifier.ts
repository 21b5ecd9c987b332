import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildChallenge, buildMetadata } from "../auth/challenge.ts";
import { openKeySet, type KeySetTiming } from "../auth/keySet.ts";
import { sendJson } from "../http/writeJson.ts";
import { readHeader } from "../http/exchange.ts";
import { Traffic } from "../http/traffic.ts";
import type { Log } from "../log.ts";
import { TokenCheck, type Verdict } from "./tokenCheck.ts";
import type { ProtectedServer, VerifierConfig } from "./verifierConfig.ts";

/** How long a silent connection is kept, in milliseconds: longer than gateways keep theirs, so that they close first. */
const keepAliveTime = 75_000;

/** Longest time for the requests that still come after SIGTERM, in milliseconds; each takes a few. */
const drainLimit = 10_000;

export interface Verifier {
    /** Port it listens at. */
    port: number;
    /** Answers what has come and ends. */
    close(): Promise<void>;
}

/**
 * Starts the HTTP service a gateway asks about each request: `GET /verify/<server>` with the client's Authorization
 * gives 204 and who it is, or the refusal the client is to see; `GET /metadata/<server>` gives the RFC 9728 document. Both by
 * name, as servers at different hosts may have the same path.
 */
export async function startVerifier(
    config: VerifierConfig,
    port: number,
    log: Log,
    timing?: KeySetTiming,
): Promise<Verifier> {
    const keys = openKeySet(() => config.jwksUri, log, timing);
    const tokens = new TokenCheck(config.issuer, keys);
    const servers = new Map(config.servers.map((server) => [server.name, server]));
    const documents = new Map(
        config.servers.map((server) => [
            server.name,
            buildMetadata(server, server.name, config.issuer),
        ]),
    );

    const traffic = new Traffic();
    const http = createServer((request, response) => {
        if (traffic.draining) {
            response.setHeader("connection", "close");
        }
        const path = request.url?.split("?", 1)[0] ?? "";
        const [, asked, name = ""] = /^\/(verify|metadata)\/([^/]+)$/.exec(path) ?? [];
        const server = asked === "verify" ? servers.get(name) : undefined;
        const document = asked === "metadata" ? documents.get(name) : undefined;
        if (server) {
            traffic.count(response);
            void verify(request, response, server);
        } else if (document) {
            const headers = { "access-control-allow-origin": "*", "cache-control": "max-age=300" };
            sendJson(response, 200, document, headers);
        } else if (path === "/livez") {
            sendJson(response, 200, { status: "ok" });
        } else if (path === "/readyz" || path === "/health") {
            const ready = keys.loaded && !traffic.draining;
            sendJson(response, ready ? 200 : 503, { keysLoaded: keys.loaded });
        } else {
            sendJson(response, 404, { error: `nothing is served at '${path}'` });
        }
    });
    http.keepAliveTimeout = keepAliveTime;

    async function verify(
        request: IncomingMessage,
        response: ServerResponse,
        server: ProtectedServer,
    ): Promise<void> {
        const token = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? "")?.[1];
        if (token === undefined) {
            refuse(response, 401, buildChallenge(server));
            return;
        }
        const verdict = await tokens.check(token, server);
        answer(response, server, verdict);
        if ("error" in verdict) {
            log("info", "refused", {
                server: server.name,
                error: verdict.error,
                reason: verdict.reason,
                requestId: readHeader(request.headers, "x-request-id"),
            });
        }
    }

    await new Promise<void>((resolve, reject) => {
        http.once("error", reject).listen(port, resolve);
    });
    return {
        port: (http.address() as AddressInfo).port,
        async close() {
            await traffic.drain(drainLimit);
            keys.close();
            const closed = new Promise((resolve) => http.close(resolve));
            http.closeAllConnections();
            await closed;
        },
    };
}

function answer(response: ServerResponse, server: ProtectedServer, verdict: Verdict): void {
    if ("principal" in verdict) {
        const { subject = "", client = "", scopes } = verdict.principal;
        response
            .writeHead(204, {
                "x-auth-subject": toHeaderValue(subject),
                "x-auth-client": toHeaderValue(client),
                "x-auth-scopes": toHeaderValue(scopes.join(" ")),
            })
            .end();
    } else if (verdict.error === "unavailable") {
        sendJson(response, 503, { error: verdict.reason }, { "retry-after": "2" });
    } else {
        const status = verdict.error === "insufficient_scope" ? 403 : 401;
        refuse(response, status, buildChallenge(server, verdict));
    }
}

/**
 * Encodes what no header can carry: names in other scripts, and above all the end of a line; and the sign of the encoding,
 * so that no two names become one.
 */
function toHeaderValue(text: string): string {
    return text.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);
}

function refuse(response: ServerResponse, status: number, challenge: string): void {
    response.writeHead(status, { "www-authenticate": challenge, "content-length": 0 }).end();
}
