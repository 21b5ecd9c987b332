import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { readBody } from "../http/readBody.ts";
import { sendJson } from "../http/writeJson.ts";
import type { Log } from "../log/log.ts";
import { readLogoutToken, type EndedSessions } from "./endedSessions.ts";
import type { TrustedIssuers } from "./issuers.ts";
import { passedOnHeader, passOn, type Peers } from "./peers.ts";
import type { VerifierMetrics } from "./verifierMetrics.ts";

/** Longest logout request, in bytes. */
const bodyLimit = 64 * 1024;
const logoutPath = "/backchannel-logout";

export interface ManagementArgs {
    issuers: TrustedIssuers;
    sessions: EndedSessions;
    metrics: VerifierMetrics;
    log: Log;
    /** The other pods; undefined when there is one. */
    peers: Peers | undefined;
}

/** Serves Prometheus metrics, and the endpoint to which issuers send logout tokens (OpenID Connect Back-Channel Logout). */
export function createManagement(args: ManagementArgs): RequestListener {
    return (request, response) => {
        const path = request.url?.split("?", 1)[0];
        if (path === "/metrics" && request.method === "GET") {
            void sendMetrics(response, args.metrics);
        } else if (path === logoutPath && request.method === "POST") {
            readBody(request, bodyLimit, (body) => {
                void endSession(args, request, response, body?.toString() ?? "");
            });
        } else {
            sendJson(response, 404, { error: "must be GET /metrics or POST /backchannel-logout" });
        }
    };
}

async function sendMetrics(response: ServerResponse, metrics: VerifierMetrics): Promise<void> {
    const { contentType, text } = await metrics.read();
    response.writeHead(200, { "content-type": contentType }).end(text);
}

async function endSession(
    { issuers, sessions, metrics, log, peers }: ManagementArgs,
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
): Promise<void> {
    const noStore = { "cache-control": "no-store" };
    try {
        const token = new URLSearchParams(body).get("logout_token") ?? "";
        const end = await readLogoutToken(token, issuers);
        sessions.add(end);
        metrics.recordLogout("accepted");
        log("info", "session ended", { issuer: end.issuer, subject: end.subject });
    } catch (error) {
        metrics.recordLogout("refused");
        const reason = (error as Error).message;
        log("warn", "logout refused", { reason });
        const answer = { error: "invalid_request", error_description: reason };
        sendJson(response, 400, answer, noStore);
        return;
    }
    try {
        if (peers !== undefined && request.headers[passedOnHeader] === undefined) {
            await passOn(peers, logoutPath, body);
        }
        sendJson(response, 200, {}, noStore);
    } catch (error) {
        log("error", "logout not passed on", { reason: (error as Error).message });
        sendJson(response, 500, { error: "server_error" }, noStore);
    }
}
