import { forever, type CallHandlers } from "../../stdio/callTable.ts";
import { envelope } from "../../stdio/handshake.ts";
import type { NotificationSource } from "../../processes/notificationSource.ts";
import { isObject, type JsonObject, type RpcRequest } from "../../json/jsonRpc.ts";
import type { ResourceSubscriptions } from "../../processes/subscriptions.ts";
import type { ListenStream } from "./listenStream.ts";
import { findHonouredFilter, listFields } from "./subscriptionFilter.ts";

/** The `subscriptions/listen` streams that hear of one process: what it says reaches each that asked for it. */
export class ChildStreams {
    private readonly child: NotificationSource;
    private readonly subscriptions: ResourceSubscriptions;
    /** Streams that the bridge serves, by the methods they want. */
    private readonly translated = new Map<ListenStream, Set<string>>();
    /** Streams that the server itself serves, by the id of its call. */
    private readonly native = new Map<number, ListenStream>();

    /** @param subscriptions those of the process, also for whoever else uses it */
    constructor(child: NotificationSource, subscriptions: ResourceSubscriptions) {
        this.child = child;
        this.subscriptions = subscriptions;
        child.on("notification", (method, params) => this.hear(method, params));
    }

    /** Serves a stream until it is closed, or nobody is left to tell anything. */
    open(stream: ListenStream, request: RpcRequest, filter: JsonObject): void {
        if (this.child.description?.era === "modern") {
            this.openNative(stream, request);
        } else {
            void this.openTranslated(stream, filter);
        }
    }

    private async openTranslated(stream: ListenStream, filter: JsonObject): Promise<void> {
        const { child, subscriptions } = this;
        const { description } = child;
        const honoured = description === undefined ? {} : findHonouredFilter(filter, description);
        if (Object.keys(honoured).length === 0) {
            stream.acknowledge(honoured);
            stream.end();
            return;
        }
        stream.hold();
        const methods = Object.keys(listFields).filter(
            (method) => honoured[listFields[method]?.field ?? ""] === true,
        );
        this.translated.set(stream, new Set(methods));
        const listener = (params: JsonObject): void =>
            stream.notify("notifications/resources/updated", params);
        const { resourceSubscriptions = [] } = honoured as { resourceSubscriptions?: string[] };
        const outcomes = resourceSubscriptions.map((uri) =>
            subscriptions.add(uri, listener, stream.caller),
        );
        const end = (): void => stream.end();
        child.on("gone", end);
        stream.whenClosed(() => {
            child.off("gone", end);
            this.translated.delete(stream);
            resourceSubscriptions.forEach((uri) => subscriptions.remove(uri, listener));
        });
        const refused = (await Promise.all(outcomes)).map((outcome) => "error" in outcome);
        const accepted = resourceSubscriptions.filter((_, index) => refused[index] !== true);
        const { resourceSubscriptions: _, ...lists } = honoured;
        void _;
        const kept = accepted.length > 0 ? { ...lists, resourceSubscriptions: accepted } : lists;
        stream.acknowledge(kept);
        if (Object.keys(kept).length === 0) {
            stream.end();
        }
    }

    private openNative(stream: ListenStream, { method, params }: RpcRequest): void {
        const { connection } = this.child;
        const onAnswer: CallHandlers["onAnswer"] = (outcome, line) => {
            // Without a line it is not the server that says so: its process has ended.
            if ("error" in outcome && line !== undefined) {
                stream.fail(outcome.error);
            } else {
                stream.end();
            }
        };
        const handlers = { onProgress: () => undefined, onAnswer };
        const id = connection.call(method, params, handlers, forever);
        this.native.set(id, stream);
        stream.whenClosed(() => {
            this.native.delete(id);
            connection.cancel(id, "the client closed the stream");
        });
    }

    private hear(method: string, params: JsonObject | undefined): void {
        const meta = params?._meta;
        const id = isObject(meta) ? meta[envelope.subscriptionId] : undefined;
        const native = this.native.get(Number(id));
        if (native !== undefined) {
            native.notify(method, params ?? {});
            return;
        }
        for (const [stream, methods] of this.translated) {
            if (methods.has(method)) {
                stream.notify(method, {});
            }
        }
    }
}
