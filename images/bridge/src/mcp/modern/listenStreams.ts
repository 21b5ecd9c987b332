import type { ServerDescription } from "../../stdio/handshake.ts";
import { shareOf } from "../../collections/callerShares.ts";
import { Quota } from "../../collections/quota.ts";
import type { NotificationSource } from "../../processes/notificationSource.ts";
import { finish, type Exchange } from "../../http/exchange.ts";
import { errorCodes, isObject, type RpcError, type RpcRequest } from "../../json/jsonRpc.ts";
import { refuseLongUri } from "../../policy/uriLimit.ts";
import { ResourceSubscriptions } from "../../processes/subscriptions.ts";
import { ChildStreams } from "./childStreams.ts";
import { ListenStream } from "./listenStream.ts";

/** Streams open at once, and bytes of what they want to hear of; each costs a socket and little else. The SDK's own limit. */
const allStreams = { count: 1024, bytes: 32 * 1024 * 1024 };
/** Those of one known caller: three quarters, so that there is always room for another. */
const streamsOfCaller = { count: shareOf(allStreams.count), bytes: 8 * 1024 * 1024 };

/** Every `subscriptions/listen` stream, each with the process that it hears of. */
export class ListenStreams {
    private readonly children = new WeakMap<NotificationSource, ChildStreams>();
    private readonly quota: Quota;
    private readonly callers = new Quota(streamsOfCaller, allStreams);
    private readonly streams = new Set<ListenStream>();
    private closed = false;
    private readonly uriLimit: number;

    /**
     * @param shared process that clients up to 2025-11-25 listen to as well
     * @param subscriptions what they and others want to hear of it
     * @param quota bounds what each caller, and all of them, subscribe to
     * @param uriLimit longest URI that a filter may name, in bytes
     */
    constructor(
        shared: NotificationSource,
        subscriptions: ResourceSubscriptions,
        quota: Quota,
        uriLimit: number,
    ) {
        this.uriLimit = uriLimit;
        this.quota = quota;
        this.children.set(shared, new ChildStreams(shared, subscriptions));
    }

    /** Acknowledges a subscription and keeps its stream open until the client or the bridge ends it. */
    open(
        exchange: Exchange,
        request: RpcRequest,
        child: NotificationSource,
        server: ServerDescription,
    ): void {
        const filter = request.params?.notifications;
        if (!isObject(filter)) {
            refuse(exchange, request, noFilter);
            return;
        }
        const long = refuseLongUri(request.params, this.uriLimit);
        if (long !== undefined) {
            refuse(exchange, request, long.error);
            return;
        }
        const stream = new ListenStream(exchange, request, server);
        // The filter is kept, by the server or here.
        const bytes = JSON.stringify(filter).length;
        if (!this.callers.take(stream.caller, bytes)) {
            refuse(exchange, request, tooMany);
            return;
        }
        this.streams.add(stream);
        stream.whenClosed(() => {
            this.streams.delete(stream);
            this.callers.give(stream.caller, bytes);
        });
        this.findChild(child).open(stream, request, filter);
        if (this.closed) {
            stream.end();
        }
    }

    /** Answers a subscription where no process lives on that could tell of a change. */
    openSilent(exchange: Exchange, request: RpcRequest, server: ServerDescription): void {
        if (!isObject(request.params?.notifications)) {
            refuse(exchange, request, noFilter);
            return;
        }
        const stream = new ListenStream(exchange, request, server);
        stream.acknowledge({});
        stream.end();
    }

    /** Ends every stream, also those still to come. */
    closeAll(): void {
        this.closed = true;
        this.streams.forEach((stream) => stream.end());
    }

    private findChild(child: NotificationSource): ChildStreams {
        let known = this.children.get(child);
        if (known === undefined) {
            known = new ChildStreams(child, new ResourceSubscriptions(child, this.quota));
            this.children.set(child, known);
        }
        return known;
    }
}

const noFilter = {
    code: errorCodes.invalidParams,
    message: "params.notifications: must be a subscription filter",
};

const tooMany = {
    code: errorCodes.internalError,
    message: "there are as many subscriptions as there may be; try again later",
};

function refuse(exchange: Exchange, { id }: RpcRequest, error: RpcError): void {
    finish(exchange, id, { error });
}
