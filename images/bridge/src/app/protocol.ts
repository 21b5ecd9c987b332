import type { Admit } from "../calls/admission.ts";
import type { CallContext } from "../calls/call.ts";
import type { Placement } from "../calls/placement.ts";
import type { Exchange } from "../http/exchange.ts";
import { Quota } from "../collections/quota.ts";
import { createMcpEndpoint } from "../mcp/mcpEndpoint.ts";
import { createMcpRoute } from "../mcp/mcpRoute.ts";
import type { InFlight } from "../http/inFlight.ts";
import type { Log } from "../log/log.ts";
import { ListenStreams } from "../mcp/modern/listenStreams.ts";
import { ModernCalls } from "../mcp/modern/modernCalls.ts";
import { ModernEndpoint } from "../mcp/modern/modernEndpoint.ts";
import { LegacyMrtr } from "../mcp/modern/legacyMrtr.ts";
import { NativeMrtr } from "../mcp/modern/nativeMrtr.ts";
import { createParamCheck } from "../mcp/modern/paramCheck.ts";
import { ParkedCalls } from "../mcp/modern/parkedCalls.ts";
import { RequestStates } from "../mcp/modern/requestState.ts";
import type { BridgeOptions } from "../options/bridgeOptions.ts";
import type { Replicas } from "../replicas/replicas.ts";
import { LegacyEndpoint } from "../mcp/legacy/legacyEndpoint.ts";
import { SessionRouter } from "../mcp/legacy/sessionRouter.ts";
import { KeptEvents } from "../mcp/legacy/keptEvents.ts";
import { SessionTable } from "../mcp/legacy/sessionTable.ts";
import { SharedMethods } from "../mcp/legacy/sharedMethods.ts";
import { ResourceSubscriptions } from "../processes/subscriptions.ts";
import type { ToolCatalog } from "../processes/toolCatalog.ts";
import type { ServerProcesses } from "../processes/serverProcesses.ts";

export interface ProtocolArgs {
    options: BridgeOptions;
    /** Signs what clients bring back. */
    key: Buffer;
    upstreams: ServerProcesses;
    context: CallContext;
    placement: Placement;
    replicas: Replicas;
    catalog: ToolCatalog;
    traffic: InFlight;
    admit: Admit;
    log: Log;
}

/** MCP over streamable HTTP, in both eras. */
export interface Protocol {
    serve(exchange: Exchange): void;
    sessions: SessionTable;
    parked: ParkedCalls;
    /** Ends what lasts as long as clients want, so that they come back elsewhere. */
    endStreams(): void;
    /** Gives up what waits for clients that were answered. */
    close(): void;
}

/** Bytes of events kept for one known caller, at least; four times as many are kept in all. */
const eventBytesPerCaller = 16 * 1024 * 1024;
/** Bytes of the URIs that one caller subscribes to. */
const callerUriBytes = 2 * 1024 * 1024;
/** Those of all callers. */
const allUriBytes = 32 * 1024 * 1024;

/** Puts the two eras together over the processes of one server. */
export function createProtocol(args: ProtocolArgs): Protocol {
    const { options, key, upstreams, context, placement, replicas, catalog, traffic, admit, log } =
        args;
    const { address } = options;
    const callerEventBytes = Math.max(eventBytesPerCaller, options.maxSessionEventBytes);
    const parkedTime = options.parkedSeconds * 1000;
    const draining = (): boolean => traffic.draining;
    const sessions = new SessionTable({
        key,
        address,
        idleTime: options.sessionIdleSeconds * 1000,
        lifetime: options.sessionSeconds * 1000,
        max: options.maxSessions,
        events: {
            events: options.maxSessionEvents,
            bytes: options.maxSessionEventBytes,
            budget: new KeptEvents(callerEventBytes, 4 * callerEventBytes),
        },
    });
    const quota = new Quota(
        { count: options.maxSubscriptionsPerPrincipal, bytes: callerUriBytes },
        { count: options.maxSubscriptions, bytes: allUriBytes },
    );
    const router = new SessionRouter(sessions, replicas, placement);
    const subscriptions = new ResourceSubscriptions(upstreams.main, quota);
    const shared = new SharedMethods(upstreams.main, subscriptions, router);
    const streams = new ListenStreams(upstreams.main, subscriptions, quota, options.maxUriBytes);
    const parked = new ParkedCalls(options.maxParked, parkedTime);
    const states = new RequestStates(key, address, parkedTime);
    const proxyTo: Replicas["proxyUnlessSelf"] = (...request) =>
        replicas.proxyUnlessSelf(...request);
    const legacy = new LegacyEndpoint({
        context,
        placement,
        sessions,
        quota,
        shared,
        replicas,
        admit,
        draining,
    });
    const calls = new ModernCalls({
        context,
        upstreams,
        legacyMrtr: new LegacyMrtr({ states, parked, proxyTo }),
        nativeMrtr: new NativeMrtr({ states, parked, proxyTo }),
        placement,
        admit,
        findParamProblem: createParamCheck(catalog),
    });
    const modern = new ModernEndpoint({
        placement,
        upstreams,
        streams,
        calls,
        warmUp: () => upstreams.warmUp(options.isolation),
    });
    const post = createMcpEndpoint({ legacy, modern, bodyLimit: options.maxBodyBytes, log });
    return {
        serve: createMcpRoute({ post, sessions, router, shared, replicas, draining }),
        sessions,
        parked,
        endStreams() {
            streams.closeAll();
            replicas.endStreams();
            for (const session of sessions.all()) {
                session.stopListening();
            }
        },
        close() {
            parked.abandonAll();
            sessions.close();
        },
    };
}
