import type { Admit } from "./admission.ts";
import type { Forwarder } from "./forwarder.ts";
import type { Exchange } from "./http/exchange.ts";
import { createMcpEndpoint } from "./http/mcpEndpoint.ts";
import { createMcpRoute } from "./http/mcpRoute.ts";
import type { Traffic } from "./http/traffic.ts";
import { CallPlacement } from "./modern/callPlacement.ts";
import { ListenStreams } from "./modern/listenStreams.ts";
import { ModernCalls } from "./modern/modernCalls.ts";
import { ModernEndpoint } from "./modern/modernEndpoint.ts";
import { NativeRetries } from "./modern/nativeRetries.ts";
import { createParamCheck } from "./modern/paramCheck.ts";
import { ParkedCalls } from "./modern/parkedCalls.ts";
import { RequestStates } from "./modern/requestState.ts";
import { Retries } from "./modern/retries.ts";
import type { BridgeOptions } from "./options/bridgeOptions.ts";
import type { Replicas } from "./replicas/replicas.ts";
import { LegacyEndpoint } from "./sessions/legacyEndpoint.ts";
import { SessionRouter } from "./sessions/sessionRouter.ts";
import { SessionTable } from "./sessions/sessionTable.ts";
import { SharedMethods } from "./sessions/sharedMethods.ts";
import { ResourceSubscriptions } from "./sessions/subscriptions.ts";
import type { ToolCatalog } from "./toolCatalog.ts";
import type { Upstreams } from "./upstreams.ts";

export interface ProtocolArgs {
    options: BridgeOptions;
    /** Signs what clients bring back. */
    key: Buffer;
    upstreams: Upstreams;
    forwarder: Forwarder;
    replicas: Replicas;
    catalog: ToolCatalog;
    traffic: Traffic;
    admit: Admit;
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

/** Puts the two eras together over the processes of one server. */
export function createProtocol(args: ProtocolArgs): Protocol {
    const { options, key, upstreams, forwarder, replicas, catalog, traffic, admit } = args;
    const { isolation, address } = options;
    const parkedTime = options.parkedSeconds * 1000;
    const draining = (): boolean => traffic.draining;
    const sessions = new SessionTable({
        key,
        address,
        idleTime: options.sessionIdleSeconds * 1000,
        lifetime: options.sessionSeconds * 1000,
        max: options.maxSessions,
        events: { events: options.maxSessionEvents, bytes: options.maxSessionEventBytes },
    });
    const router = new SessionRouter(sessions, replicas);
    const subscriptions = new ResourceSubscriptions(upstreams.main);
    const shared = new SharedMethods(forwarder, upstreams.main, subscriptions, router);
    const streams = new ListenStreams(upstreams.main, subscriptions);
    const parked = new ParkedCalls(options.maxParked, parkedTime);
    const states = new RequestStates(key, address, parkedTime);
    const handOver: Replicas["handOverUnlessSelf"] = (...request) =>
        replicas.handOverUnlessSelf(...request);
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
    const retries = new Retries({ forwarder, states, parked, handOver });
    const calls = new ModernCalls({
        forwarder,
        upstreams,
        retries,
        natives: new NativeRetries({ forwarder, upstreams, states, parked, handOver }),
        placement: new CallPlacement({ isolation, forwarder, upstreams, retries }),
        admit,
        findParamProblem: createParamCheck(catalog),
    });
    const modern = new ModernEndpoint({
        isolation,
        forwarder,
        upstreams,
        streams,
        calls,
        warmUp: () => upstreams.warmUp(isolation),
    });
    const post = createMcpEndpoint({ legacy, modern, bodyLimit: options.maxBodyBytes });
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
