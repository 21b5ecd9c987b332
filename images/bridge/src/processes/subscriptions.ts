import type { Connection } from "../stdio/connection.ts";
import type { Quota } from "../collections/quota.ts";
import { subscribeLimit } from "./listenCall.ts";
import { ListenCalls } from "./listenCalls.ts";
import type { NotificationSource } from "./notificationSource.ts";
import { errorCodes, type JsonObject, type Outcome } from "../json/jsonRpc.ts";

/** Notified of a changed resource. */
export type UpdateListener = (params: JsonObject) => void;

/** What is known of one resource that somebody wants to hear of. */
interface Subscription {
    /** Each with the caller whose quota it counts against. */
    listeners: Map<UpdateListener, unknown>;
    /** What the server says to it; all who come meanwhile wait for the same. */
    outcome: Promise<Outcome>;
}

/**
 * What the clients of one process want to hear of: the server knows one subscription to each resource, however many
 * want it, and is told again after a restart.
 */
export class ResourceSubscriptions {
    private readonly child: NotificationSource;
    private readonly quota: Quota;
    private readonly wanted = new Map<string, Subscription>();
    /** What a server from 2026-07-28 on is asked for. */
    private readonly listening = new ListenCalls();

    /** @param quota bounds what each caller, and all of them, subscribe to */
    constructor(child: NotificationSource, quota: Quota) {
        this.child = child;
        this.quota = quota;
        child.on("notification", (method, params) => {
            this.listening.hear(method, params);
            if (method === "notifications/resources/updated" && this.concerns(params)) {
                this.wanted
                    .get(String(params?.uri))
                    ?.listeners.forEach((_, listener) => listener(params ?? {}));
            }
        });
        child.on("ready", () => {
            if (!this.modern) {
                this.wanted.forEach((_, uri) => void this.tell("resources/subscribe", uri));
            } else {
                this.listening.restart(child.connection);
            }
        });
    }

    /** Resources that somebody subscribed to. */
    get size(): number {
        return this.wanted.size;
    }

    /** Connection that the subscriptions are made on; undefined while the server is down. */
    get connection(): Connection | undefined {
        return this.child.description && this.child.connection;
    }

    /** Whether a notification is meant for everyone, and not for one subscription of a client's own. */
    concerns(params: JsonObject | undefined): boolean {
        return this.listening.concerns(params);
    }

    /** Sees to it that a server which does not say so by itself tells of changed lists. */
    hearLists(): void {
        const { connection } = this;
        if (this.modern && connection !== undefined) {
            this.listening.begin(connection);
        }
    }

    /**
     * Subscribes to a resource; the server is asked for the first subscription only.
     *
     * @param caller whose quota it counts against: a name, or an object that stands for a caller without one
     */
    add(uri: string, listener: UpdateListener, caller: unknown): Promise<Outcome> {
        const bytes = Buffer.byteLength(uri);
        if (!this.quota.take(caller, bytes)) {
            return Promise.resolve(tooManySubscriptions);
        }
        const known = this.wanted.get(uri);
        if (known !== undefined) {
            known.listeners.set(listener, caller);
            return known.outcome;
        }
        const listeners = new Map([[listener, caller]]);
        const subscription = { listeners, outcome: Promise.resolve<Outcome>({ result: {} }) };
        this.wanted.set(uri, subscription);
        subscription.outcome = this.subscribe(uri, subscription);
        return subscription.outcome;
    }

    /** What the server says to the subscription to a resource, for one who has it already. */
    outcomeOf(uri: string): Promise<Outcome> {
        return this.wanted.get(uri)?.outcome ?? Promise.resolve({ result: {} });
    }

    /** Takes a subscription back; the server hears of the last one only. */
    remove(uri: string, listener: UpdateListener): void {
        const listeners = this.wanted.get(uri)?.listeners;
        if (listeners?.has(listener) !== true) {
            return;
        }
        this.quota.give(listeners.get(listener), Buffer.byteLength(uri));
        listeners.delete(listener);
        if (listeners.size === 0) {
            this.wanted.delete(uri);
            void this.tell("resources/unsubscribe", uri);
        }
    }

    private get modern(): boolean {
        return this.child.description?.era === "modern";
    }

    private async subscribe(uri: string, subscription: Subscription): Promise<Outcome> {
        const outcome = await this.tell("resources/subscribe", uri);
        // Another one may have come after the last who wanted this one had gone.
        if ("error" in outcome && this.wanted.get(uri) === subscription) {
            this.wanted.delete(uri);
            const bytes = Buffer.byteLength(uri);
            subscription.listeners.forEach((caller) => this.quota.give(caller, bytes));
        }
        return outcome;
    }

    private async tell(method: string, uri: string): Promise<Outcome> {
        const { connection } = this;
        if (this.modern && connection !== undefined) {
            if (method === "resources/subscribe") {
                return await this.listening.add(connection, uri);
            }
            this.listening.remove(connection, uri);
        } else if (connection !== undefined) {
            return await connection.request(method, { uri }, subscribeLimit);
        }
        return { result: {} };
    }
}

/** What a caller is told that may not subscribe to more. */
export const tooManySubscriptions: Outcome = {
    error: {
        code: errorCodes.internalError,
        message: "there are as many subscriptions as there may be; unsubscribe from others first",
    },
};
