// Over 200 lines because streams, the events kept for each and their resumption are one order of events.
import type { Exchange } from "../../http/exchange.ts";
import { writeEvent, writePrimer } from "../../http/sse.ts";
import type { EventBuffer, KeptEvents } from "./keptEvents.ts";

/** What is kept for a client that reconnects. */
export interface EventStreamsArgs {
    /** Address of the replica that keeps it, which the ids of events name; empty for a bridge that has none beside it. */
    replica: string;
    /** Events of all streams of a session together. */
    events: number;
    /** Their bytes. */
    bytes: number;
    /** Bounds the events of all sessions. */
    budget: KeptEvents;
}

/** A stream of events as the client knows it: it outlives the connection that carries it. */
export interface EventStream {
    number: number;
    lastSequence: number;
    /** Connection that carries it now. */
    connection: Exchange | undefined;
    /** Connections that carried it before and are still open, latest last: one of them carries it when `connection` goes. */
    standbys: Exchange[];
    finished: boolean;
    /** Events up to this one were given to a connection. */
    delivered: number;
    /** Events up to this one are no longer kept. */
    forgotten: number;
}

interface KeptEvent {
    stream: EventStream;
    sequence: number;
    text: string;
    bytes: number;
}

/** Connections kept beside the one that carries a stream. */
const standbyLimit = 3;

/** Names of events: the stream's number, the event's in it, the replica. */
const eventName = /^(\d+)-(\d+)-(.*)$/;

/** The stream that belongs to no request. */
const standaloneNumber = 0;

/**
 * The event streams of one session, which a client can resume by the id of the last event it saw. What is kept is
 * bounded; a client that is further behind is told so.
 */
export class EventStreams implements EventBuffer {
    readonly caller: string | undefined;
    private readonly args: EventStreamsArgs;
    private readonly primed: boolean;
    private readonly streams = new Map<number, EventStream>();
    private readonly kept: KeptEvent[] = [];
    private bytes = 0;
    private closed = false;
    private lastNumber = standaloneNumber;

    /**
     * @param caller client of the session
     * @param primed whether clients take an event without a message, as they must from revision 2025-11-25 on
     */
    constructor(args: EventStreamsArgs, caller: string | undefined, primed: boolean) {
        this.args = args;
        this.caller = caller;
        this.primed = primed;
        this.add(standaloneNumber);
    }

    /** The stream for what answers no request. */
    get standalone(): EventStream {
        return this.streams.get(standaloneNumber) ?? this.add(standaloneNumber);
    }

    /** Opens the stream that answers one request. */
    open(exchange: Exchange): EventStream {
        const stream = this.add(++this.lastNumber);
        this.attach(stream, exchange);
        return stream;
    }

    /** Lets a connection carry a stream from now on. One that carried it before stays open and silent as long as this does. */
    attach(stream: EventStream, exchange: Exchange): void {
        exchange.open();
        if (stream.connection !== undefined) {
            stream.standbys.push(stream.connection);
        }
        if (stream.standbys.length > standbyLimit) {
            stream.standbys.shift()?.end();
        }
        stream.connection = exchange;
        exchange.onAbandoned = () => detach(stream, exchange);
        if (this.primed) {
            writePrimer(exchange.response, this.nameEvent(stream, stream.delivered));
        }
        this.replay(stream, stream.delivered, exchange);
    }

    /**
     * Continues a stream after the event that the client names.
     *
     * @returns false when that cannot be done without a gap
     */
    resume(exchange: Exchange, lastEventId: string): boolean {
        const [, number, sequence, replica] = eventName.exec(lastEventId) ?? [];
        const stream = this.streams.get(Number(number));
        if (replica !== this.args.replica) {
            // What belongs to no request can go on where its replica is gone; only what that one kept is lost.
            const standalone = replica !== undefined && stream === this.standalone;
            if (standalone) {
                this.attach(stream, exchange);
            }
            return standalone;
        }
        const last = Number(sequence);
        if (stream === undefined || last < stream.forgotten || last > stream.lastSequence) {
            return false;
        }
        exchange.open();
        this.replay(stream, last, exchange);
        if (stream.finished) {
            exchange.end();
        } else {
            this.attach(stream, exchange);
        }
        return true;
    }

    /** Sends a message on a stream, and keeps it. */
    send(stream: EventStream, text: string): void {
        const sequence = ++stream.lastSequence;
        this.keep(stream, sequence, text);
        if (stream.connection !== undefined) {
            stream.connection.send(text, this.nameEvent(stream, sequence));
            stream.delivered = sequence;
        }
    }

    /** Sends the last message of a stream. */
    finish(stream: EventStream, text: string): void {
        const { connection, standbys } = stream;
        const sequence = ++stream.lastSequence;
        this.keep(stream, sequence, text);
        stream.finished = true;
        stream.connection = undefined;
        stream.standbys = [];
        connection?.finish(text, 200, this.nameEvent(stream, sequence));
        standbys.forEach((exchange) => exchange.end());
        this.dropIfSpent(stream);
    }

    /** Ends the connections of the stream that answers no request. */
    stopListening(): void {
        endConnections(this.standalone);
    }

    /** Ends every connection. */
    close(): void {
        for (const stream of this.streams.values()) {
            endConnections(stream);
        }
        this.closed = true;
        this.streams.clear();
        this.kept.splice(0).forEach(({ bytes }) => this.args.budget.forget(this, bytes));
    }

    private add(number: number): EventStream {
        const stream: EventStream = {
            number,
            lastSequence: 0,
            connection: undefined,
            standbys: [],
            finished: false,
            delivered: 0,
            forgotten: 0,
        };
        this.streams.set(number, stream);
        return stream;
    }

    /** Writes the events after one that are still kept. */
    private replay(stream: EventStream, last: number, { response }: Exchange): void {
        for (const event of this.kept) {
            if (event.stream === stream && event.sequence > last) {
                writeEvent(response, event.text, this.nameEvent(stream, event.sequence));
            }
        }
        stream.delivered = stream.lastSequence;
    }

    private keep(stream: EventStream, sequence: number, text: string): void {
        const { events, bytes: limit, budget } = this.args;
        if (this.closed) {
            return;
        }
        const bytes = Buffer.byteLength(text);
        this.kept.push({ stream, sequence, text, bytes });
        this.bytes += bytes;
        budget.keep(this, bytes);
        while (this.kept.length > events || this.bytes > limit) {
            this.forgetOldest();
        }
    }

    forgetOldest(): void {
        const oldest = this.kept.shift();
        if (oldest !== undefined) {
            this.bytes -= oldest.bytes;
            this.args.budget.forget(this, oldest.bytes);
            oldest.stream.forgotten = oldest.sequence;
            this.dropIfSpent(oldest.stream);
        }
    }

    private nameEvent({ number }: EventStream, sequence: number): string {
        return `${number}-${sequence}-${this.args.replica}`;
    }

    private dropIfSpent(stream: EventStream): void {
        if (stream.finished && stream.forgotten === stream.lastSequence) {
            this.streams.delete(stream.number);
        }
    }
}

/** Notes that a connection is gone. */
function detach(stream: EventStream, exchange: Exchange): void {
    stream.standbys = stream.standbys.filter((other) => other !== exchange);
    if (stream.connection === exchange) {
        stream.connection = stream.standbys.pop();
    }
}

function endConnections({ connection, standbys }: EventStream): void {
    connection?.end();
    standbys.forEach((exchange) => exchange.end());
}

/** The replica that keeps an event; undefined for an id that no bridge gave. */
export function readOwnerReplica(eventId: string): string | undefined {
    return eventName.exec(eventId)?.[3];
}
