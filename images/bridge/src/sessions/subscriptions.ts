import { forever } from "../child/callTable.ts";
import type { Connection } from "../child/connection.ts";
import { envelope, ownEnvelope } from "../child/handshake.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import { isObject, type JsonObject, type Outcome } from "../jsonRpc.ts";

/** Told of a changed resource. */
export type UpdateListener = (params: JsonObject) => void;

/** Longest wait for the server to take a subscription, in milliseconds. */
const subscribeLimit = 30_000;

/**
 * What the clients of a shared process want to hear of: the server knows one subscription to each resource, however many
 * want it, and is told again after a restart.
 */
export class ResourceSubscriptions {
    private readonly child: SharedChild;
    private readonly listeners = new Map<string, Set<UpdateListener>>();
    /** The one subscription to a server from 2026-07-28 on, for everything that is wanted. */
    private listening: number | undefined;

    constructor(child: SharedChild) {
        this.child = child;
        child.on("notification", (method, params) => {
            if (method === "notifications/resources/updated" && this.concerns(params)) {
                this.listeners
                    .get(String(params?.uri))
                    ?.forEach((listener) => listener(params ?? {}));
            }
        });
        child.on("ready", () => {
            if (this.modern && this.listening !== undefined) {
                this.listening = undefined;
                this.listen();
            } else {
                this.listening = undefined;
                this.listeners.forEach((_, uri) => void this.tell("resources/subscribe", uri));
            }
        });
    }

    /** Resources that somebody subscribed to. */
    get size(): number {
        return this.listeners.size;
    }

    /** Connection that the subscriptions are made on; undefined while the server is down. */
    get connection(): Connection | undefined {
        return this.child.description && this.child.connection;
    }

    /** Whether a notification is meant for everyone, and not for one subscription of a client's own. */
    concerns(params: JsonObject | undefined): boolean {
        const meta = params?._meta;
        const id = isObject(meta) ? meta[envelope.subscriptionId] : undefined;
        return id === undefined || id === this.listening;
    }

    /** Sees to it that a server which does not say so by itself tells of changed lists. */
    hearLists(): void {
        if (this.modern && this.listening === undefined) {
            this.listen();
        }
    }

    /** Subscribes to a resource; the server is asked for the first subscription only. */
    async add(uri: string, listener: UpdateListener): Promise<Outcome> {
        const known = this.listeners.get(uri);
        if (known !== undefined) {
            known.add(listener);
            return { result: {} };
        }
        this.listeners.set(uri, new Set([listener]));
        const outcome = await this.tell("resources/subscribe", uri);
        if ("error" in outcome) {
            this.listeners.delete(uri);
        }
        return outcome;
    }

    /** Takes a subscription back; the server hears of the last one only. */
    remove(uri: string, listener: UpdateListener): void {
        const known = this.listeners.get(uri);
        if (known?.delete(listener) === true && known.size === 0) {
            this.listeners.delete(uri);
            void this.tell("resources/unsubscribe", uri);
        }
    }

    private get modern(): boolean {
        return this.child.description?.era === "modern";
    }

    private async tell(method: string, uri: string): Promise<Outcome> {
        const { connection } = this;
        if (this.modern) {
            this.listen();
        } else if (connection !== undefined) {
            return await connection.request(method, { uri }, subscribeLimit);
        }
        return { result: {} };
    }

    private listen(): void {
        const { connection, listening } = this;
        if (connection === undefined) {
            return;
        }
        const notifications = {
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            ...(this.size > 0 && { resourceSubscriptions: [...this.listeners.keys()] }),
        };
        const handlers = { onProgress: () => undefined, onAnswer: () => undefined };
        const params = { notifications, _meta: ownEnvelope };
        this.listening = connection.call("subscriptions/listen", params, handlers, forever);
        if (listening !== undefined) {
            connection.cancel(listening, "replaced by a subscription to more or less");
        }
    }
}
