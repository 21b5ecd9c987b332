import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Admit } from "./admission.ts";
import { isRefusal as isAuthRefusal, type AuthRefusal } from "./auth/authenticator.ts";
import { openAuthenticator } from "./auth/openAuthenticator.ts";
import { readChildEnvironment } from "./child/childEnvironment.ts";
import type { SharedChild } from "./child/sharedChild.ts";
import { Forwarder } from "./forwarder.ts";
import { Exchange } from "./http/exchange.ts";
import { createHostGuard } from "./http/hostGuard.ts";
import { createMcpEndpoint } from "./http/mcpEndpoint.ts";
import { createMcpRoute } from "./http/mcpRoute.ts";
import { Traffic } from "./http/traffic.ts";
import { refuse, sendJson } from "./http/writeJson.ts";
import { errorCodes } from "./jsonRpc.ts";
import type { Log } from "./log.ts";
import { ListenStreams } from "./modern/listenStreams.ts";
import { ModernEndpoint } from "./modern/modernEndpoint.ts";
import { NativeRetries } from "./modern/nativeRetries.ts";
import { createParamCheck } from "./modern/paramCheck.ts";
import { ParkedCalls } from "./modern/parkedCalls.ts";
import { RequestStates } from "./modern/requestState.ts";
import { Retries } from "./modern/retries.ts";
import { createCallObserver } from "./observe/callObserver.ts";
import { createMetrics } from "./observe/metrics.ts";
import { createTracer } from "./observe/tracing.ts";
import type { BridgeOptions } from "./options/bridgeOptions.ts";
import type { Principal } from "./principal.ts";
import { Replicas } from "./replicas/replicas.ts";
import { LegacyEndpoint } from "./sessions/legacyEndpoint.ts";
import { SessionRouter } from "./sessions/sessionRouter.ts";
import { SessionTable } from "./sessions/sessionTable.ts";
import { SharedMethods } from "./sessions/sharedMethods.ts";
import { ResourceSubscriptions } from "./sessions/subscriptions.ts";
import { listTools } from "./listTools.ts";
import { ToolCatalog } from "./toolCatalog.ts";
import { Upstreams } from "./upstreams.ts";

/** How long a call waits for a server that starts, in milliseconds. */
const readyLimit = 10_000;
/** Time for the last answers to be read, in milliseconds. */
const lastAnswersTime = 1000;
/** How long a silent connection is kept, in milliseconds: longer than proxies keep theirs, so that they close first. */
const keepAliveTime = 75_000;
/** Silence after which the system asks whether the other end of a connection is still there, in milliseconds. */
const probeDelay = 30_000;

/** What a bridge holds for its clients at one moment. */
export interface BridgeCounts {
    inFlight: number;
    streams: number;
    sessions: number;
    parked: number;
    children: { shared: number; leased: number; warm: number; kept: number };
    calls: number;
}

export interface Bridge {
    /** Port it listens at. */
    port: number;
    /** The shared process of the server. */
    child: SharedChild;
    counts(): BridgeCounts;
    /** Finishes the calls in flight, within the grace period, then ends the server and itself. */
    close(): Promise<void>;
}

/** Starts the server and the HTTP endpoint in front of it. Resolves when the endpoint listens. */
export async function startBridge(
    options: BridgeOptions,
    environment: NodeJS.ProcessEnv,
    log: Log,
): Promise<Bridge> {
    const key = options.keyFile === "" ? randomBytes(32) : readFileSync(options.keyFile);
    const idleTime = options.sessionIdleSeconds * 1000;
    const auth = await openAuthenticator(options, log);
    const tracer = await createTracer(options.server, log);
    const upstreams = new Upstreams({
        launch: {
            command: options.command,
            readEnvironment: () => readChildEnvironment(environment, options),
            lineLimit: options.maxLineBytes,
            log,
        },
        protocol: options.childProtocol,
        startLimit: options.startSeconds * 1000,
        pingLimit: options.pingSeconds * 1000,
        readyLimit,
        maxChildren: options.maxChildren,
        warmChildren: options.warmChildren,
        idleTime,
    });
    const catalog = new ToolCatalog((cursor) => listTools(upstreams, cursor));
    const traffic = new Traffic();
    const metrics = createMetrics({
        server: options.server,
        version: "0.1.0",
        gauges: () => readGauges(),
        isTool: (name) => (catalog.loaded ? catalog.known(name) !== undefined : undefined),
    });
    const observer = createCallObserver({
        server: options.server,
        log,
        audit: options.audit,
        ...(options.metrics && { metrics }),
        ...(tracer && { tracer }),
    });
    const forwarder = new Forwarder({
        observer,
        callLimit: options.callSeconds * 1000,
        filterTools: (result) => result,
    });
    const admit: Admit = () => undefined;

    const server = createServer(
        {
            maxHeaderSize: options.maxHeaderBytes,
            keepAlive: true,
            keepAliveInitialDelay: probeDelay,
            keepAliveTimeout: keepAliveTime,
        },
        take,
    );
    await new Promise<void>((resolve, reject) => {
        const host = options.host === "*" ? undefined : options.host;
        server.once("error", reject).listen(options.port, host, resolve);
    });
    const { port } = server.address() as AddressInfo;

    const replicas = new Replicas({ address: options.address, port, peers: options.peers, log });
    const sessions = new SessionTable({
        key,
        address: options.address,
        idleTime,
        lifetime: options.sessionSeconds * 1000,
        max: options.maxSessions,
        events: { events: options.maxSessionEvents, bytes: options.maxSessionEventBytes },
    });
    const router = new SessionRouter(sessions, replicas);
    const subscriptions = new ResourceSubscriptions(upstreams.main);
    const shared = new SharedMethods(forwarder, upstreams.main, subscriptions, router);
    const streams = new ListenStreams(subscriptions);
    const parked = new ParkedCalls(options.maxParked, options.parkedSeconds * 1000);
    const states = new RequestStates(key, options.address, options.parkedSeconds * 1000);
    const handOver = (exchange: Exchange, address: string, onGone: () => void): boolean => {
        if (replicas.isSelf(address)) {
            return false;
        }
        void replicas.handOver(exchange, address, onGone);
        return true;
    };
    const { isolation } = options;
    const draining = (): boolean => traffic.draining;
    const legacy = new LegacyEndpoint({
        isolation,
        forwarder,
        upstreams,
        sessions,
        shared,
        replicas,
        admit,
        draining,
    });
    const modern = new ModernEndpoint({
        isolation,
        forwarder,
        upstreams,
        streams,
        retries: new Retries({ forwarder, states, parked, handOver }),
        natives: new NativeRetries({
            forwarder,
            upstreams,
            states,
            lifetime: options.parkedSeconds * 1000,
            handOver,
        }),
        admit,
        findParamProblem: createParamCheck(catalog),
    });
    const serveMcp = createMcpRoute({
        post: createMcpEndpoint({ legacy, modern, bodyLimit: options.maxBodyBytes }),
        sessions,
        router,
        shared,
        replicas,
        draining,
    });
    const guard = createHostGuard({
        hosts: options.allowedHosts,
        origins: options.allowedOrigins,
    });
    upstreams.main.on("notification", (method) => {
        if (method === "notifications/tools/list_changed") {
            catalog.invalidate();
        }
    });
    upstreams.start();

    function take(request: IncomingMessage, response: ServerResponse): void {
        const { url = "" } = request;
        const query = url.indexOf("?");
        const path = query === -1 ? url : url.slice(0, query);
        response.shouldKeepAlive &&= !traffic.draining;
        if (path === options.path) {
            enter(request, response);
        } else if (path === "/livez") {
            sendHealth(response, !upstreams.main.looping);
        } else if (path === "/readyz" || path === "/health") {
            sendHealth(response, upstreams.main.description !== undefined && !traffic.draining);
        } else if (path === "/metrics" && options.metrics) {
            void sendMetrics(response);
        } else {
            sendJson(response, 404, { error: `nothing is served at '${path}'` });
        }
    }

    function enter(request: IncomingMessage, response: ServerResponse): void {
        const reason = guard(request);
        if (reason !== undefined) {
            metrics.recordRefusal("host");
            refuse(response, 403, { code: errorCodes.invalidRequest, message: reason });
            return;
        }
        const caller = auth.authenticate(request);
        if (caller instanceof Promise) {
            void caller.then((found) => admitCaller(request, response, found));
        } else {
            admitCaller(request, response, caller);
        }
    }

    function admitCaller(
        request: IncomingMessage,
        response: ServerResponse,
        caller: Principal | AuthRefusal,
    ): void {
        if (isAuthRefusal(caller)) {
            metrics.recordRefusal("credentials");
            const { status, headers, message } = caller;
            refuse(response, status, { code: errorCodes.invalidRequest, message }, headers);
        } else if (traffic.inFlight >= options.maxInFlight) {
            metrics.recordRefusal("in_flight");
            const error = { code: errorCodes.internalError, message: "too many requests at once" };
            refuse(response, 503, error, { "retry-after": "1" });
        } else {
            const exchange = new Exchange(request, response, caller);
            traffic.enter(exchange);
            serveMcp(exchange);
        }
    }

    async function sendMetrics(response: ServerResponse): Promise<void> {
        const { contentType, text } = await metrics.read();
        response.writeHead(200, { "content-type": contentType }).end(text);
    }

    function counts(): BridgeCounts {
        return {
            inFlight: traffic.inFlight,
            streams: traffic.streams,
            sessions: sessions.size,
            parked: parked.size,
            children: { shared: upstreams.sharedCount, ...upstreams.pool.counts },
            calls: upstreams.main.openCalls,
        };
    }

    function readGauges() {
        const { inFlight, sessions: open, parked: waiting, children } = counts();
        const { shared: all, leased, kept, warm } = children;
        return {
            inFlight,
            sessions: open,
            parked: waiting,
            children: { shared: all, leased: leased + kept, warm },
        };
    }

    async function close(): Promise<void> {
        log("info", "draining", { inFlight: traffic.inFlight });
        const drained = traffic.drain(options.graceSeconds * 1000);
        streams.closeAll();
        for (const session of sessions.all()) {
            session.stopListening();
        }
        await drained;
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        parked.abandonAll();
        sessions.close();
        await upstreams.stop();
        // What the server could not finish was just answered with an error; that is to reach its callers.
        await traffic.drain(lastAnswersTime);
        server.closeAllConnections();
        replicas.close();
        auth.close();
        traffic.stop();
        await tracer?.close();
        await closed;
        log("info", "stopped");
    }

    let closing: Promise<void> | undefined;
    return { port, child: upstreams.main, counts, close: () => (closing ??= close()) };
}

function sendHealth(response: ServerResponse, healthy: boolean): void {
    sendJson(response, healthy ? 200 : 503, { status: healthy ? "ok" : "unavailable" });
}
