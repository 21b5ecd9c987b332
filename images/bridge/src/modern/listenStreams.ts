import type { ServerDescription } from "../child/handshake.ts";
import type { NotificationSource } from "../child/notificationSource.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import { errorCodes, isObject, type RpcError, type RpcRequest } from "../jsonRpc.ts";
import { ResourceSubscriptions } from "../sessions/subscriptions.ts";
import { ChildStreams } from "./childStreams.ts";
import { ListenStream } from "./listenStream.ts";

/** Streams open at once; each costs a socket and little else. The SDK's own limit. */
const streamLimit = 1024;

/** Every `subscriptions/listen` stream, each with the process that it hears of. */
export class ListenStreams {
    private readonly children = new WeakMap<NotificationSource, ChildStreams>();
    private readonly streams = new Set<ListenStream>();
    private closed = false;

    /**
     * @param shared process that clients up to 2025-11-25 listen to as well
     * @param subscriptions what they and others want to hear of it
     */
    constructor(shared: NotificationSource, subscriptions: ResourceSubscriptions) {
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
        } else if (this.streams.size >= streamLimit) {
            refuse(exchange, request, tooMany);
        } else {
            const stream = new ListenStream(exchange, request, server);
            this.streams.add(stream);
            stream.whenClosed(() => this.streams.delete(stream));
            this.findChild(child).open(stream, filter);
            if (this.closed) {
                stream.end();
            }
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
            known = new ChildStreams(child, new ResourceSubscriptions(child));
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
    message: `there are ${streamLimit} subscriptions already; try again later`,
};

function refuse(exchange: Exchange, { id }: RpcRequest, error: RpcError): void {
    finish(exchange, id, { error });
}
