import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BridgeOptions } from "./options/bridgeOptions.ts";
import { buildChildEnvironment } from "./child/childEnvironment.ts";
import { SharedChild } from "./child/sharedChild.ts";
import { Forwarder } from "./forwarder.ts";
import { sendJson } from "./http/answer.ts";
import { createHostGuard } from "./http/hostGuard.ts";
import { createMcpEndpoint } from "./http/mcpEndpoint.ts";
import { Traffic } from "./http/traffic.ts";
import { buildResponse, errorCodes } from "./jsonRpc.ts";
import { LegacyRequests } from "./legacyRequests.ts";
import { ListenStreams } from "./listenStreams.ts";
import type { Log } from "./log.ts";
import { ModernRequests } from "./modernRequests.ts";

/** Largest request body, in bytes: the SDK's own limit. */
const bodyLimit = 4 * 1024 * 1024;
/** Longest line of a server, in bytes: the limit of the SDK's stdio transport. */
const lineLimit = 10 * 1024 * 1024;
/** Requests answered at once; beyond it a caller is told to come back. */
const inFlightLimit = 1000;
/** How long a call waits for a server that starts, in milliseconds. */
const readyLimit = 10_000;
/** Time for the last answers to be read, in milliseconds. */
const lastAnswersTime = 1000;
/** How long a silent connection is kept, in milliseconds: longer than proxies keep theirs, so that they close first. */
const keepAliveTime = 75_000;

export interface Bridge {
    /** Port it listens at. */
    port: number;
    /** The stdio server behind it. */
    child: SharedChild;
    /** What it holds for its clients at this moment; all zero when nobody calls. */
    counts(): { inFlight: number; cancellable: number; streams: number; calls: number };
    /** Finishes the calls in flight, within the grace period, then ends the server and itself. */
    close(): Promise<void>;
}

/** Starts the server and the HTTP endpoint in front of it. Resolves when the endpoint listens. */
export async function startBridge(
    options: BridgeOptions,
    environment: NodeJS.ProcessEnv,
    log: Log,
): Promise<Bridge> {
    const child = new SharedChild({
        command: options.command,
        environment: buildChildEnvironment(environment, options.childEnvironment),
        lineLimit,
        startLimit: options.startSeconds * 1000,
        callLimit: options.callSeconds * 1000,
        log,
    });
    const forwarder = new Forwarder({ child, server: options.server, readyLimit, log });
    const streams = new ListenStreams(child);
    const legacy = new LegacyRequests(forwarder);
    const modern = new ModernRequests(forwarder, streams);
    const serveMcp = createMcpEndpoint({ legacy, modern, bodyLimit });
    const guard = createHostGuard({
        hosts: options.allowedHosts,
        origins: options.allowedOrigins,
    });
    const traffic = new Traffic();
    let closing: Promise<void> | undefined;

    const server = createServer((request, response) => {
        const path = request.url?.split("?", 1)[0];
        if (traffic.draining) {
            response.setHeader("connection", "close");
        }
        if (path === options.path) {
            void serve(request, response);
        } else if (path === "/livez") {
            sendHealth(response, !child.looping);
        } else if (path === "/readyz" || path === "/health") {
            sendHealth(response, child.description !== undefined && !traffic.draining);
        } else {
            sendJson(response, 404, { error: `nothing is served at '${path}'` });
        }
    });

    server.keepAliveTimeout = keepAliveTime;

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const refusal = guard(request);
        if (refusal !== undefined) {
            sendJson(response, 403, buildError(errorCodes.invalidRequest, refusal));
            return;
        }
        if (traffic.inFlight - streams.size >= inFlightLimit) {
            const error = buildError(errorCodes.internalError, "too many requests at once");
            sendJson(response, 503, error, { "retry-after": "1" });
            return;
        }
        traffic.enter(response);
        try {
            await serveMcp(request, response);
        } catch (error) {
            // A client that goes away in the middle of its body ends here too; nobody is left to answer.
            log("warn", "request failed", { reason: (error as Error).message });
            if (!response.headersSent) {
                sendJson(response, 500, buildError(errorCodes.internalError, "internal error"));
            }
        }
    }

    async function close(): Promise<void> {
        log("info", "draining", { inFlight: traffic.inFlight });
        streams.closeAll();
        await traffic.drain(options.graceSeconds * 1000);
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        await child.stop();
        // What the server could not finish was just answered with an error; that is to reach its callers.
        await traffic.drain(lastAnswersTime);
        server.closeAllConnections();
        await closed;
        log("info", "stopped");
    }

    child.start();
    try {
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject).listen(options.port, options.host, resolve);
        });
    } catch (error) {
        await child.stop();
        throw error;
    }
    const { port } = server.address() as AddressInfo;
    const counts = () => ({
        inFlight: traffic.inFlight,
        cancellable: legacy.openCalls,
        streams: streams.size,
        calls: child.openCalls,
    });
    return { port, child, counts, close: () => (closing ??= close()) };
}

function buildError(code: number, message: string) {
    return buildResponse(null, { error: { code, message } });
}

function sendHealth(response: ServerResponse, healthy: boolean): void {
    sendJson(response, healthy ? 200 : 503, { status: healthy ? "ok" : "unavailable" });
}
