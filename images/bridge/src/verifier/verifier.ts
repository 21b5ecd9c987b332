import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buildMetadata } from "../auth/challenge.ts";
import type { KeySetTiming } from "../auth/keySet.ts";
import { InFlight } from "../http/inFlight.ts";
import { sendJson } from "../http/writeJson.ts";
import type { Log } from "../log/log.ts";
import { EndedSessions } from "./endedSessions.ts";
import { TrustedIssuers } from "./issuers.ts";
import { createManagement } from "./management.ts";
import { TokenCheck } from "./tokenCheck.ts";
import { Verification } from "./verification.ts";
import type { VerifierConfig } from "./verifierConfig.ts";
import { createVerifierMetrics } from "./verifierMetrics.ts";

/** How long a silent connection is kept, in milliseconds: longer than gateways keep theirs, so that they close first. */
const keepAliveTime = 75_000;

/** Longest time for the requests that still come after SIGTERM, in milliseconds; each takes a few. */
const drainLimit = 10_000;

/** Longest head of a request, in bytes: a token and a path, each as long as NGINX takes, and the gateway's own headers. */
const headLimit = 96 * 1024;

export interface VerifierPorts {
    /** Port for gateways; 0 for a free one. */
    gateway: number;
    /** Port for metrics and back-channel logout; 0 for a free one. */
    management: number;
}

/** Times that an operator has no reason to change, in milliseconds. */
export interface VerifierTimes extends KeySetTiming {
    /** Time without a request after which, at the end, nobody is taken to send any more (default 1000). */
    quietTime?: number;
}

export interface Verifier {
    /** Port for gateways. */
    port: number;
    /** Port for metrics and back-channel logout. */
    managementPort: number;
    /** Answers what has come and ends. */
    close(): Promise<void>;
}

/**
 * Starts the HTTP service a gateway asks about each request: `GET /verify/<server>` with the client's Authorization
 * gives 204 and who it is, or the refusal the client is to see; `GET /metadata/<server>` gives the RFC 9728 document. Both by
 * name, as servers at different hosts may have the same path. A second port has `/metrics` and `/backchannel-logout`.
 */
export async function startVerifier(
    config: VerifierConfig,
    ports: VerifierPorts,
    log: Log,
    times: VerifierTimes = {},
): Promise<Verifier> {
    const issuers = new TrustedIssuers(config, log, times);
    const sessions = new EndedSessions();
    const tokens = new TokenCheck(issuers, sessions);
    const metrics = createVerifierMetrics(() => ({
        rememberedTokens: tokens.rememberedTokens,
        issuers: issuers.names.map((name) => [name, issuers.find(name)?.keys.loaded ?? false]),
    }));
    const traffic = new InFlight();
    const verification = new Verification(tokens, metrics, log);
    const http = await listen(
        ports.gateway,
        createGatewayListener(config, issuers, verification, traffic),
    );
    const management = await listen(
        ports.management,
        createManagement({ issuers, sessions, metrics, log, peers: config.peers }),
    );
    return {
        port: portOf(http),
        managementPort: portOf(management),
        async close() {
            await traffic.drain(drainLimit, times.quietTime);
            issuers.close();
            await Promise.all([stop(http), stop(management)]);
        },
    };
}

function createGatewayListener(
    config: VerifierConfig,
    issuers: TrustedIssuers,
    verification: Verification,
    traffic: InFlight,
): RequestListener {
    const servers = new Map(config.servers.map((server) => [server.name, server]));
    const documents = new Map(
        config.servers.map((server) => [
            server.name,
            buildMetadata(server, server.name, issuers.names),
        ]),
    );
    return (request, response) => {
        if (traffic.draining) {
            response.setHeader("connection", "close");
        }
        const path = request.url?.split("?", 1)[0] ?? "";
        const [, asked, name = ""] = /^\/(verify|metadata)\/([^/]+)$/.exec(path) ?? [];
        const server = asked === "verify" ? servers.get(name) : undefined;
        const document = asked === "metadata" ? documents.get(name) : undefined;
        if (server) {
            traffic.count(response);
            verification.answer(request, response, server);
        } else if (document) {
            const headers = { "access-control-allow-origin": "*", "cache-control": "max-age=300" };
            sendJson(response, 200, document, headers);
        } else if (path === "/livez") {
            sendJson(response, 200, { status: "ok" });
        } else if (path === "/readyz" || path === "/health") {
            const ready = issuers.loaded && !traffic.draining;
            sendJson(response, ready ? 200 : 503, { keysLoaded: issuers.loaded });
        } else {
            sendJson(response, 404, { error: `nothing is served at '${path}'` });
        }
    };
}

async function listen(port: number, listener: RequestListener): Promise<Server> {
    const server = createServer({ maxHeaderSize: headLimit }, listener);
    server.keepAliveTimeout = keepAliveTime;
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(port, resolve);
    });
    return server;
}

async function stop(server: Server): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
}

function portOf(server: Server): number {
    return (server.address() as AddressInfo).port;
}
