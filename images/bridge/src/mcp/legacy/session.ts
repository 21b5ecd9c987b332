// Over 200 lines because all that is kept for a client, most of it made when first needed, is in one place.
import { randomUUID } from "node:crypto";
import { idleness, type Idleness } from "../../collections/callerShares.ts";
import { DenseSet } from "../../collections/denseSet.ts";
import type { Call, CallOwner } from "../../calls/call.ts";
import type { ProcessScope } from "../../calls/processScope.ts";
import type { Lease } from "../../processes/childPool.ts";
import type { Reply } from "../../http/reply.ts";
import {
    errorCodes,
    isObject,
    isRequestId,
    isSameId,
    keyOf,
    type JsonObject,
    type Outcome,
    type RequestId,
} from "../../json/jsonRpc.ts";
import type { LeasedListening } from "./leasedListening.ts";
import { EventStreams, type EventStreamsArgs } from "./eventStreams.ts";

/** What a client said when it opened its session. */
export interface SessionTerms {
    /** Client of the session, among the known ones; only it may use the session. */
    principal: string | undefined;
    protocolVersion: string;
    capabilities: JsonObject;
    clientInfo: JsonObject;
    /** Whose process serves the session. */
    plan: ProcessScope;
}

/** Where a session comes from, and what is kept of its events. */
export interface SessionOrigin {
    openingReplica: string;
    openedAt: number;
    events: EventStreamsArgs;
}

/** What tells this replica's requests from those of the others. */
let askPrefix: string | undefined;

/** How a client is asked. */
interface AskOptions {
    /** Longest wait for the answer, in milliseconds. */
    limit: number;
    /** Where the request is sent (default where the client most probably expects it). */
    reply?: Reply | undefined;
    /** Notified of the client's progress with the answer. */
    onProgress?: ((progress: JsonObject) => void) | undefined;
}

/** A request to the client that waits for its answer. */
interface Ask {
    settle: (outcome: Outcome) => void;
    timer: NodeJS.Timeout;
    onProgress: ((progress: JsonObject) => void) | undefined;
}

/**
 * What is kept for a client between `initialize` and its going. Most of it is made when it is first needed, because most
 * sessions only ever call tools, and most clients leave without a word.
 */
export class Session implements CallOwner {
    readonly id: string;
    readonly terms: SessionTerms;
    /** Address of the replica that opened it. */
    readonly openingReplica: string;
    /** When it was opened, at whatever replica, in milliseconds since 1970. */
    readonly openedAt: number;
    usedAt = Date.now();
    /** Process of the server that belongs to this session alone. */
    lease: Lease | undefined;
    /** What the client wants to hear of, of a process from 2026-07-28 on that belongs to it. */
    listening: LeasedListening | undefined;
    private undone: Map<string, () => void> | undefined;
    private readonly events: EventStreamsArgs;
    private openStreams: EventStreams | undefined;
    private calls: DenseSet<Call> | undefined;
    private asks: Map<string | number, Ask> | undefined;
    private lastAsk = 0;

    constructor(
        id: string,
        terms: SessionTerms,
        { openingReplica, openedAt, events }: SessionOrigin,
    ) {
        this.id = id;
        this.terms = terms;
        this.openingReplica = openingReplica;
        this.openedAt = openedAt;
        this.events = events;
    }

    /** What is to be undone when the session ends, by a name of its own. */
    get endings(): Map<string, () => void> {
        return (this.undone ??= new Map());
    }

    /** Streams of events of this session. */
    get streams(): EventStreams {
        return (this.openStreams ??= new EventStreams(
            this.events,
            this.terms.principal,
            this.terms.protocolVersion >= "2025-11-25",
        ));
    }

    /** Whether something of the client is being answered or listened to, so that the session is not idle. */
    get busy(): boolean {
        return (this.calls?.size ?? 0) > 0 || this.openStreams?.standalone.connection !== undefined;
    }

    /** Whether the client waits for an answer or is asked something, only listens, or neither. */
    get idleness(): Idleness {
        if ((this.calls?.size ?? 0) > 0 || (this.asks?.size ?? 0) > 0) {
            return idleness.busy;
        }
        return this.openStreams?.standalone.connection === undefined
            ? idleness.idle
            : idleness.listening;
    }

    /** Enters a call in flight. */
    addCall(call: Call): void {
        call.owner = this;
        (this.calls ??= new DenseSet()).add(call);
    }

    callOver(call: Call): void {
        this.calls?.remove(call);
        this.usedAt = Date.now();
    }

    /** Takes the call that the client cancels; the latest, for one that uses an id again. */
    takeCall(id: RequestId): Call | undefined {
        const found = [...(this.calls ?? [])]
            .filter(({ request }) => isSameId(request.id, id))
            .at(-1);
        if (found !== undefined) {
            this.calls?.remove(found);
        }
        return found;
    }

    /**
     * Sends a message of the server. With one call in flight it goes where that call is answered, for it most probably
     * belongs there; else on the stream for what answers no request, which waits for a client that has none.
     */
    send(message: JsonObject, reply = this.likelyReply): void {
        if (reply !== undefined && !reply.over) {
            reply.notify(message);
        } else {
            this.streams.send(this.streams.standalone, JSON.stringify(message));
        }
    }

    /**
     * Asks the client something on behalf of the server.
     * Its id stands for its progress token when `onProgress` is given.
     */
    ask(method: string, params: JsonObject | undefined, { limit, reply, onProgress }: AskOptions) {
        // Replicas may ask the same client, and each hears the answers to all.
        const id = `${(askPrefix ??= randomUUID().slice(0, 8))}-${++this.lastAsk}`;
        const answered = new Promise<Outcome>((resolve) => {
            const settle = (outcome: Outcome): void => {
                clearTimeout(timer);
                this.asks?.delete(id);
                resolve(outcome);
            };
            const timer = setTimeout(() => settle(noAnswer), limit);
            (this.asks ??= new Map()).set(id, { settle, timer, onProgress });
        });
        const said = onProgress === undefined ? params : withProgressToken(params, id);
        this.send({ jsonrpc: "2.0", id, method, ...(said && { params: said }) }, reply);
        return { id, answered };
    }

    /** Takes the client's answer to what it was asked. False when it was asked no such thing. */
    answer(id: RequestId, outcome: Outcome): boolean {
        const ask = this.asks?.get(keyOf(id));
        ask?.settle(outcome);
        return ask !== undefined;
    }

    /** Takes the client's progress with what it was asked. False when nobody is told by the session itself. */
    progress(params: JsonObject): boolean {
        const { progressToken } = params;
        const ask = isRequestId(progressToken) ? this.asks?.get(keyOf(progressToken)) : undefined;
        ask?.onProgress?.(params);
        return ask?.onProgress !== undefined;
    }

    /** Ends the stream that answers no request, as a program does that is about to end. */
    stopListening(): void {
        this.openStreams?.stopListening();
    }

    /** Ends the session: its process, its streams, its calls. */
    close(): void {
        this.asks?.forEach(({ settle }) => settle(noAnswer));
        for (const call of this.calls ?? []) {
            call.cancel("the session is over");
        }
        this.undone?.forEach((end) => end());
        this.openStreams?.close();
        this.lease?.release();
        this.lease = undefined;
    }

    private get likelyReply(): Reply | undefined {
        const listening = this.openStreams?.standalone.connection !== undefined;
        return this.calls?.size === 1 || !listening ? this.calls?.last?.reply : undefined;
    }
}

const noAnswer: Outcome = {
    error: { code: errorCodes.internalError, message: "the client did not answer" },
};

function withProgressToken(params: JsonObject | undefined, progressToken: string): JsonObject {
    const meta = isObject(params?._meta) ? params._meta : {};
    return { ...params, _meta: { ...meta, progressToken } };
}
