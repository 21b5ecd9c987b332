import type { IncomingMessage, ServerResponse } from "node:http";
import { buildChallenge } from "../auth/challenge.ts";
import { sendJson } from "../http/writeJson.ts";
import { readHeader } from "../http/exchange.ts";
import type { Log } from "../log/log.ts";
import { readThumbprint } from "./certificate.ts";
import type { Accepted, TokenCheck, Verdict } from "./tokenCheck.ts";
import type { ProtectedServer } from "./verifierConfig.ts";
import type { Outcome, VerifierMetrics } from "./verifierMetrics.ts";

/**
 * How long a gateway may remember that a token is accepted, in seconds. Bounds how long it is accepted after its session
 * has ended or its key was withdrawn.
 */
const verdictSeconds = 5;

/** The header of answers that are no different for any token, so that it is built once a server. */
const challenges = new WeakMap<ProtectedServer, string>();

/** Answers gateways, counts each answer and writes one line of the log. */
export class Verification {
    private readonly tokens: TokenCheck;
    private readonly metrics: VerifierMetrics;
    private readonly log: Log;

    constructor(tokens: TokenCheck, metrics: VerifierMetrics, log: Log) {
        this.tokens = tokens;
        this.metrics = metrics;
        this.log = log;
    }

    /** Answers whether a request may be served. */
    answer(request: IncomingMessage, response: ServerResponse, server: ProtectedServer): void {
        const started = performance.now();
        const token = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? "")?.[1];
        if (token === undefined) {
            refuse(response, 401, findChallenge(server));
            this.record(request, server, started, undefined);
            return;
        }
        const certificate = server.certificateBound ? readThumbprint(request.headers) : undefined;
        const settle = (verdict: Verdict): void => {
            send(response, server, verdict);
            this.record(request, server, started, verdict);
        };
        const verdict = this.tokens.check({ token, certificate }, server);
        if (verdict instanceof Promise) {
            void verdict.then(settle);
        } else {
            settle(verdict);
        }
    }

    private record(
        request: IncomingMessage,
        server: ProtectedServer,
        started: number,
        verdict: Verdict | undefined,
    ): void {
        const seconds = (performance.now() - started) / 1000;
        const outcome = outcomeOf(verdict);
        this.metrics.recordVerification(server.name, outcome, seconds);
        const granted = verdict !== undefined && "principal" in verdict ? verdict : undefined;
        this.log("info", "verified", {
            server: server.name,
            outcome,
            reason: verdict !== undefined && "error" in verdict ? verdict.reason : undefined,
            subject: granted?.principal.subject,
            client: granted?.principal.client,
            requestId: readHeader(request.headers, "x-request-id"),
        });
    }
}

function outcomeOf(verdict: Verdict | undefined): Outcome {
    if (verdict === undefined) {
        return "no_token";
    }
    return "error" in verdict ? verdict.error : "granted";
}

function send(response: ServerResponse, server: ProtectedServer, verdict: Verdict): void {
    if ("principal" in verdict) {
        grant(response, server, verdict);
    } else if (verdict.error === "unavailable") {
        sendJson(response, 503, { error: verdict.reason }, { "retry-after": "2" });
    } else {
        const status = verdict.error === "insufficient_scope" ? 403 : 401;
        refuse(response, status, buildChallenge(server, verdict));
    }
}

function grant(
    response: ServerResponse,
    server: ProtectedServer,
    { principal: { subject = "", client = "", scopes }, expiresAt }: Accepted,
): void {
    const left = Math.floor((expiresAt - Date.now()) / 1000);
    // Where revocation or a certificate is checked, each request is.
    const isKept = !server.checkRevocation && !server.certificateBound;
    const seconds = isKept ? Math.max(0, Math.min(verdictSeconds, left)) : 0;
    response
        .writeHead(204, [
            ...["x-auth-subject", toHeaderValue(subject)],
            ...["x-auth-client", toHeaderValue(client)],
            ...["x-auth-scopes", toHeaderValue(scopes.join(" "))],
            ...["x-accel-expires", String(seconds)],
        ])
        .end();
}

/**
 * Encodes what no header can carry: names in other scripts, and above all the end of a line; and the sign of the encoding,
 * so that no two names become one.
 */
function toHeaderValue(text: string): string {
    return text.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);
}

function findChallenge(server: ProtectedServer): string {
    let challenge = challenges.get(server);
    if (challenge === undefined) {
        challenges.set(server, (challenge = buildChallenge(server)));
    }
    return challenge;
}

function refuse(response: ServerResponse, status: number, challenge: string): void {
    response.writeHead(status, { "www-authenticate": challenge, "content-length": 0 }).end();
}
