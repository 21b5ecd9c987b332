import type { Placement } from "../../calls/placement.ts";
import type { ProcessScope } from "../../calls/processScope.ts";
import { buildDiscoverResult, statusOf } from "../translate/toModern.ts";
import { finish, type Exchange } from "../../http/exchange.ts";
import type { RpcRequest } from "../../json/jsonRpc.ts";
import { isRefusal } from "../../json/refusal.ts";
import type { ServerProcesses } from "../../processes/serverProcesses.ts";
import type { ListenStreams } from "./listenStreams.ts";
import type { ModernCalls } from "./modernCalls.ts";
import { findRefusal, notReady } from "./requestRefusal.ts";

export interface ModernEndpointArgs {
    placement: Placement;
    upstreams: ServerProcesses;
    streams: ListenStreams;
    calls: ModernCalls;
    /** Prepares for the first call by a process of its own. */
    warmUp: () => void;
}

/** Serves clients of the revisions without a handshake, from 2026-07-28 on. */
export class ModernEndpoint {
    private readonly args: ModernEndpointArgs;

    constructor(args: ModernEndpointArgs) {
        this.args = args;
    }

    /** Takes one notification. Cancelling is closing the stream in this era, so none concerns the server. */
    notify(exchange: Exchange): void {
        exchange.accept();
    }

    /** Answers one request. */
    serve(exchange: Exchange, request: RpcRequest, revision: string | undefined): void {
        // Any client of this era may come back with something that the server can ask it.
        this.args.warmUp();
        const error = findRefusal(exchange, request, revision);
        if (error !== undefined) {
            finish(exchange, request.id, { error }, statusOf({ error }));
        } else if (request.method === "server/discover") {
            void this.discover(exchange, request);
        } else if (request.method === "subscriptions/listen") {
            void this.listen(exchange, request);
        } else {
            this.args.calls.take(exchange, request);
        }
    }

    private async discover(exchange: Exchange, request: RpcRequest): Promise<void> {
        const child = await this.args.upstreams.modern();
        const { description } = child;
        if (description === undefined) {
            this.args.calls.refuse(exchange, request, notReady);
            return;
        }
        const silent = this.planListening(request) === "request";
        this.args.calls.complete(exchange, request, buildDiscoverResult(description, silent));
    }

    private async listen(exchange: Exchange, request: RpcRequest): Promise<void> {
        const { upstreams, placement, streams } = this.args;
        const child = await upstreams.modern();
        const { description } = child;
        const plan = this.planListening(request);
        if (description === undefined) {
            this.args.calls.refuse(exchange, request, notReady);
            return;
        }
        const heard =
            plan === "principal"
                ? await placement.findOfPrincipal(exchange.principal, description.era)
                : child;
        if (isRefusal(heard)) {
            this.args.calls.refuse(exchange, request, heard);
        } else if (exchange.over) {
            // Nothing would end the stream of a client that has gone.
            return;
        } else if (plan === "request") {
            streams.openSilent(exchange, request, description);
        } else {
            streams.open(exchange, request, heard, description);
        }
    }

    /** Whose process a client can hear of: what is about no call wants nothing particular. */
    private planListening({ method }: RpcRequest): ProcessScope {
        return this.args.placement.planRequest(method, false);
    }
}
