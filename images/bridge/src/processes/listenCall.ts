import { forever } from "../stdio/callTable.ts";
import type { Connection } from "../stdio/connection.ts";
import { ownEnvelope } from "../stdio/handshake.ts";
import { errorCodes, isObject, type JsonObject, type Outcome } from "../json/jsonRpc.ts";

/** Longest wait for the server to take a subscription, in milliseconds. */
export const subscribeLimit = 30_000;

/** Which of several such calls has which id. */
export type OpenListens = Map<unknown, ListenCall>;

const allLists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/**
 * One `subscriptions/listen` for changed lists or some resources. What it asks for can only be changed by another call. That
 * replaces the one before when the server has acknowledged it, so that a refusal leaves everything else as it was.
 */
export class ListenCall {
    private readonly open: OpenListens;
    private readonly lists: boolean;
    private readonly accepted = new Set<string>();
    /** Resources that are to be added or removed. */
    private changes = 0;
    private current: number | undefined;
    private pending: { id: number; acknowledge: (honoured: unknown) => void } | undefined;
    /** Resolves when no call waits to be acknowledged: one after the other, so that a refusal is of the resource that was added. */
    private turn: Promise<unknown> = Promise.resolve();

    /** @param lists whether it asks for changed lists */
    constructor(open: OpenListens, lists: boolean) {
        this.open = open;
        this.lists = lists;
    }

    /** Resources it asks for, and those that are to be added or removed. */
    get size(): number {
        return this.accepted.size + this.changes;
    }

    /** Whether what comes under this id is to be heard: not when it is of a call that was replaced. */
    hears(id: unknown): boolean {
        return id === this.current || id === this.pending?.id;
    }

    /** Takes the server's acknowledgement of what it honours. */
    acknowledge(id: unknown, honoured: unknown): void {
        if (id === this.pending?.id) {
            this.pending?.acknowledge(honoured);
        }
    }

    /** Asks a new process for everything that the one before had accepted. */
    begin(connection: Connection): void {
        this.current = undefined;
        void this.queue(() => this.replace(connection, [...this.accepted]));
    }

    /** Asks for one more resource; gives what the server says to that. */
    add(connection: Connection, uri: string): Promise<Outcome> {
        return this.queue(async () => {
            const outcome = await this.replace(connection, [...this.accepted, uri]);
            if ("error" in outcome) {
                return outcome;
            }
            if (!honours(outcome.result, uri)) {
                await this.replace(connection, [...this.accepted]);
                return notHonoured;
            }
            this.accepted.add(uri);
            return { result: {} };
        });
    }

    /** Asks for a resource no more. */
    async remove(connection: Connection | undefined, uri: string): Promise<void> {
        await this.queue(async () => {
            if (this.accepted.delete(uri) && connection !== undefined) {
                await this.replace(connection, [...this.accepted]);
            }
        });
    }

    private queue<T>(change: () => Promise<T>): Promise<T> {
        this.changes++;
        const done = this.turn.then(change).finally(() => this.changes--);
        this.turn = done;
        return done;
    }

    /** Makes a call in place of the one before; gives what the server acknowledges, or why it does not. */
    private replace(connection: Connection, uris: string[]): Promise<Outcome> {
        const notifications = {
            ...(this.lists && allLists),
            ...(uris.length > 0 && { resourceSubscriptions: uris }),
        };
        if (connection.over || Object.keys(notifications).length === 0) {
            // Nothing is wanted any more, or the next process is asked for it.
            this.become(undefined, connection);
            return Promise.resolve({ result: {} });
        }
        const params = { notifications, _meta: ownEnvelope };
        return new Promise((resolve) => {
            const settle = (outcome: Outcome): void => {
                clearTimeout(timer);
                this.pending = undefined;
                resolve(outcome);
            };
            const onAnswer = (outcome: Outcome): void => {
                this.open.delete(id);
                this.current = this.current === id ? undefined : this.current;
                if (this.pending?.id === id) {
                    settle(connection.over ? { result: {} } : outcome);
                }
            };
            const handlers = { onProgress: () => undefined, onAnswer };
            const id = connection.call("subscriptions/listen", params, handlers, forever);
            const timer = setTimeout(() => {
                this.open.delete(id);
                connection.cancel(id, "it was not acknowledged in time");
                settle(notAcknowledged);
            }, subscribeLimit).unref();
            const acknowledge = (honoured: unknown): void => {
                this.become(id, connection);
                settle({ result: isObject(honoured) ? honoured : notifications });
            };
            this.open.set(id, this);
            this.pending = { id, acknowledge };
        });
    }

    private become(id: number | undefined, connection: Connection): void {
        const before = this.current;
        this.current = id;
        if (before !== undefined) {
            this.open.delete(before);
            connection.cancel(before, "replaced by a subscription to more or less");
        }
    }
}

/** Whether a server that acknowledged a filter tells of a resource; one that does not repeat the filter is taken to. */
function honours({ resourceSubscriptions }: JsonObject, uri: string): boolean {
    return !Array.isArray(resourceSubscriptions) || resourceSubscriptions.includes(uri);
}

const notHonoured: Outcome = {
    error: {
        code: errorCodes.invalidParams,
        message: "params.uri: the server does not tell of changes to this resource",
    },
};

const notAcknowledged: Outcome = {
    error: {
        code: errorCodes.internalError,
        message: `the server did not acknowledge the subscription within ${subscribeLimit / 1000} s`,
    },
};
