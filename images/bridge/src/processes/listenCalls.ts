import type { Connection } from "../stdio/connection.ts";
import { envelope } from "../stdio/handshake.ts";
import { isObject, type JsonObject, type Outcome } from "../json/jsonRpc.ts";
import { ListenCall, type OpenListens } from "./listenCall.ts";

/** Resources of one `subscriptions/listen`: each change of them names them all, and the SDK has a limit of such calls. */
const resourcesPerCall = 32;

/** A resource that is wanted. */
interface Wanted {
    call: ListenCall;
    /** What the server says to it; all who want it meanwhile wait for the same. */
    outcome: Promise<Outcome>;
}

/** The bridge's own `subscriptions/listen` calls at a process from 2026-07-28 on: one for changed lists, and some for resources. */
export class ListenCalls {
    private readonly open: OpenListens = new Map();
    private readonly lists = new ListenCall(this.open, true);
    private readonly calls = new Set<ListenCall>();
    private readonly wanted = new Map<string, Wanted>();
    private started = false;

    /** Listens to changed lists, unless it does already. */
    begin(connection: Connection): void {
        if (!this.started) {
            this.started = true;
            this.lists.begin(connection);
        }
    }

    /** Listens to everything again, at the process that came after the one before. */
    restart(connection: Connection): void {
        this.open.clear();
        if (this.started) {
            this.lists.begin(connection);
        }
        this.calls.forEach((call) => call.begin(connection));
    }

    /** Whether a notification belongs to one of the calls, or to none; else it is for a subscription of somebody else's. */
    concerns(params: JsonObject | undefined): boolean {
        const id = subscriptionOf(params);
        return id === undefined || this.open.get(id)?.hears(id) === true;
    }

    /** Takes the server's acknowledgement, if it is one of these calls. */
    hear(method: string, params: JsonObject | undefined): void {
        if (method === "notifications/subscriptions/acknowledged") {
            const id = subscriptionOf(params);
            this.open.get(id)?.acknowledge(id, params?.notifications);
        }
    }

    /** Subscribes to a resource; gives what the server says to that. */
    add(connection: Connection, uri: string): Promise<Outcome> {
        this.begin(connection);
        const known = this.wanted.get(uri);
        if (known !== undefined) {
            return known.outcome;
        }
        const call = this.findCall();
        const wanted = { call, outcome: call.add(connection, uri) };
        this.wanted.set(uri, wanted);
        void wanted.outcome.then((outcome) => {
            if ("error" in outcome && this.wanted.get(uri) === wanted) {
                this.wanted.delete(uri);
            }
            this.forget(call);
        });
        return wanted.outcome;
    }

    /** Takes a subscription back. */
    remove(connection: Connection | undefined, uri: string): void {
        const call = this.wanted.get(uri)?.call;
        this.wanted.delete(uri);
        void call?.remove(connection, uri).then(() => this.forget(call));
    }

    private findCall(): ListenCall {
        for (const call of this.calls) {
            if (call.size < resourcesPerCall) {
                return call;
            }
        }
        const call = new ListenCall(this.open, false);
        this.calls.add(call);
        return call;
    }

    private forget(call: ListenCall): void {
        if (call.size === 0) {
            this.calls.delete(call);
        }
    }
}

function subscriptionOf(params: JsonObject | undefined): unknown {
    const meta = params?._meta;
    return isObject(meta) ? meta[envelope.subscriptionId] : undefined;
}
