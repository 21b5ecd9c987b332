// Over 200 lines because it is the one place where the parts of a bridge are put together and taken apart again, in
// order.
import { randomBytes } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallContext } from "../calls/call.ts";
import { Placement } from "../calls/placement.ts";
import { openAuthenticator } from "./openAuthenticator.ts";
import { readChildEnvironment } from "../stdio/childEnvironment.ts";
import type { SharedChild } from "../processes/sharedChild.ts";
import { createGate } from "../http/gate.ts";
import { createHostGuard } from "../http/hostGuard.ts";
import { limitUnreadTime } from "../http/limitUnreadTime.ts";
import { createRoutes } from "../http/routes.ts";
import { InFlight } from "../http/inFlight.ts";
import { listTools } from "../processes/listTools.ts";
import type { Log } from "../log/log.ts";
import { openObservation } from "./observation.ts";
import type { BridgeOptions } from "../options/bridgeOptions.ts";
import { isReadableByOwnUser, readKey } from "../options/readKey.ts";
import { openArgumentCheck } from "../policy/argumentCheck.ts";
import { createCallAdmission } from "../policy/callAdmission.ts";
import { CallerLimits } from "../policy/callerLimits.ts";
import { createToolPolicy } from "../policy/toolPolicy.ts";
import { createProtocol } from "./protocol.ts";
import { Replicas } from "../replicas/replicas.ts";
import { createRestFacade } from "./restFacade.ts";
import { ToolCatalog } from "../processes/toolCatalog.ts";
import { ServerProcesses } from "../processes/serverProcesses.ts";

/** Of the bridge, as servers and metrics see it. */
const version = "0.1.0";
/** How long a call waits for a server that starts, in milliseconds: until just before its answer would become a stream, which has no status. */
const readyLimit = 7000;
/** Time for the last answers to be read, in milliseconds. */
const lastAnswersTime = 1000;
/** How long a silent connection is kept, in milliseconds: longer than proxies keep theirs, so that they close first. */
const keepAliveTimeout = 75_000;
/** Silence after which the system asks whether the other end of a connection is still there, in milliseconds. */
const keepAliveInitialDelay = 30_000;
/** How often Node looks for requests that take too long, in milliseconds: its own default. */
const checkInterval = 30_000;

/** Times that an operator has no reason to change, in milliseconds. */
export interface BridgeTimes {
    /** Longest time a client may take to send a request (default 60,000). */
    requestTimeout?: number;
    /** Longest time a client may read nothing of what it is sent (default 60,000). */
    writeTimeout?: number;
    /** Time between signs of life on a stream (default 7500). */
    keepAliveInterval?: number;
    /** Time without a request after which, at the end, nobody is taken to send any more (default 1000). */
    quietTime?: number;
    /** How long an unused connection to another replica is kept (default 15,000). */
    replicaIdleTime?: number;
    /** Longest time the server may take to say whether it speaks 2026-07-28 (default 10,000). */
    probeLimit?: number;
    /** Time until it is asked again when it did not say so (default 5000). */
    probePause?: number;
}

/** Lets pages of other origins call, where they are to; bridges behind a gateway do not pay for it. */
async function allowOrigins(
    { corsOrigins, path }: BridgeOptions,
    routes: RequestListener,
): Promise<RequestListener> {
    if (corsOrigins.length === 0) {
        return routes;
    }
    const { createCors } = await import("../http/cors.ts");
    const answersPreflight = createCors({ origins: corsOrigins, mcpPath: path });
    return (request, response) => {
        if (!answersPreflight(request, response)) {
            routes(request, response);
        }
    };
}

/** What a bridge holds for its clients at one moment. */
export interface BridgeCounts {
    /** Requests being answered. */
    inFlight: number;
    /** Streams that last as long as their clients want. */
    streams: number;
    sessions: number;
    /** Calls that wait for their client's input. */
    parked: number;
    children: { shared: number; leased: number; warm: number; kept: number };
    /** Calls the shared process has not answered. */
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

/**
 * Starts the server and the HTTP endpoint in front of it. Resolves when the endpoint listens.
 *
 * @throws when a file of the options cannot be read or is no key, or the port cannot be had
 */
export async function startBridge(
    options: BridgeOptions,
    environment: NodeJS.ProcessEnv,
    log: Log,
    times: BridgeTimes = {},
): Promise<Bridge> {
    const { requestTimeout = 60_000, writeTimeout = 60_000 } = times;
    const { keepAliveInterval, quietTime, replicaIdleTime, probeLimit, probePause } = times;
    const { isolation } = options;
    const key = readKey(options, environment) ?? randomBytes(32);
    if (options.keyEnvironment !== "" && isReadableByOwnUser()) {
        log("warn", "the server can read the session key", { variable: options.keyEnvironment });
    }
    const auth = await openAuthenticator(options, log);
    const upstreams = new ServerProcesses({
        launch: {
            command: options.command,
            readEnvironment: () => readChildEnvironment(environment, options),
            lineLimit: options.maxLineBytes,
            childLog: options.childLog,
            log,
            onDropped: (kind) => metrics.recordDropped(kind),
        },
        protocol: options.childProtocol,
        startLimit: options.startSeconds * 1000,
        pingLimit: options.pingSeconds * 1000,
        readyLimit,
        maxChildren: options.maxChildren,
        warmChildren: options.warmChildren,
        idleTime: options.sessionIdleSeconds * 1000,
        probeLimit,
        probePause,
    });
    const traffic = new InFlight(keepAliveInterval, () => metrics.recordDropped("unread"));
    const catalog = new ToolCatalog((cursor) => listTools(upstreams, cursor));
    const { metrics, observer, tracer } = await openObservation(
        options,
        version,
        catalog,
        () => readGauges(),
        log,
    );
    const policy = createToolPolicy(options);
    const admission = {
        policy,
        uriLimit: options.maxUriBytes,
        stepUp: (scopes: readonly string[]) => auth.stepUp(scopes),
        catalog,
    };
    const check = options.checkArguments ? await openArgumentCheck(log) : undefined;
    const context: CallContext = {
        observer,
        callLimit: options.callSeconds * 1000,
        filterTools: (result) => policy.filterTools(result),
    };
    const placement = new Placement(isolation, upstreams);
    const { address, peers } = options;
    const replicas = new Replicas({ address, peers, idleTime: replicaIdleTime, log });
    const protocol = createProtocol({
        options,
        key,
        upstreams,
        context,
        placement,
        replicas,
        catalog,
        traffic,
        admit: createCallAdmission({ ...admission, check }),
        log,
    });
    const gate = createGate({
        guard: createHostGuard({
            hosts: options.allowedHosts,
            origins: [...options.allowedOrigins, ...options.corsOrigins],
        }),
        auth,
        callers: new CallerLimits(options.maxInFlightPerPrincipal),
        full: () => traffic.inFlight >= options.maxInFlight,
        onRefusal: (reason) => metrics.recordRefusal(reason),
    });
    const bearer = auth.metadata !== undefined;
    const bodyLimit = options.maxBodyBytes;
    const serveRest = options.rest
        ? createRestFacade({
              context,
              placement,
              describe: () => upstreams.main.description,
              gate,
              traffic,
              catalog,
              admission,
              server: options.server,
              bearer,
              bodyLimit,
              log,
          })
        : undefined;
    const routes = createRoutes({
        mcpPath: options.path,
        traffic,
        gate,
        serveMcp: (exchange) => protocol.serve(exchange),
        serveRest,
        health: {
            ready: () => upstreams.main.description !== undefined && auth.ready,
            alive: () => !upstreams.main.looping,
        },
        readMetrics: options.metrics ? () => metrics.read() : undefined,
        metadata: auth.metadata,
    });
    const server = createServer(
        {
            maxHeaderSize: options.maxHeaderBytes,
            keepAlive: true,
            keepAliveInitialDelay,
            keepAliveTimeout,
            requestTimeout,
            connectionsCheckingInterval: Math.min(requestTimeout / 2, checkInterval),
        },
        await allowOrigins(options, routes),
    );
    limitUnreadTime(server, writeTimeout, () => log("info", "client does not read its answer"));
    await new Promise<void>((resolve, reject) => {
        const host = options.host === "*" ? undefined : options.host;
        server.once("error", reject).listen(options.port, host, resolve);
    });
    const { port } = server.address() as AddressInfo;
    replicas.port = port;
    upstreams.main.on("ended", () => metrics.recordRestart());
    upstreams.main.on("notification", (method) => {
        if (method === "notifications/tools/list_changed") {
            catalog.invalidate();
        }
    });
    upstreams.start();
    if (isolation === "session" || isolation === "request") {
        upstreams.warmUp(isolation);
    }

    function counts(): BridgeCounts {
        return {
            inFlight: traffic.inFlight,
            streams: traffic.streams,
            sessions: protocol.sessions.size,
            parked: protocol.parked.size,
            children: { shared: upstreams.sharedCount, ...upstreams.pool.counts },
            calls: upstreams.main.openCalls,
        };
    }

    function readGauges() {
        const { inFlight, sessions, parked, children } = counts();
        const { shared, leased, kept, warm } = children;
        return { inFlight, sessions, parked, children: { shared, leased: leased + kept, warm } };
    }

    async function close(): Promise<void> {
        log("info", "draining", { inFlight: traffic.inFlight });
        const drained = traffic.drain(options.graceSeconds * 1000, quietTime);
        protocol.endStreams();
        await drained;
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        protocol.close();
        await upstreams.stop();
        // What the server could not finish was just answered with an error; that is to reach its callers.
        await traffic.drain(lastAnswersTime, 0);
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
