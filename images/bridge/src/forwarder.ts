import type { CallOutcome, CallRecord } from "./callRecord.ts";
import type { CallHandlers } from "./child/callTable.ts";
import type { Connection } from "./child/connection.ts";
import type { ServerDescription } from "./child/handshake.ts";
import { finish, readHeader, type Exchange } from "./http/exchange.ts";
import type { Reply } from "./http/reply.ts";
import {
    isObject,
    type JsonObject,
    type Outcome,
    type RequestId,
    type RpcRequest,
} from "./jsonRpc.ts";
import type { CallObserver } from "./observe/callObserver.ts";
import type { ResultRefusal } from "./policy/toolAnswers.ts";
import { unavailable, type Refusal } from "./refusal.ts";
import type { Line, Text } from "./text.ts";

/** A process of the server that can take a call. */
export interface Upstream {
    connection: Connection;
    description: ServerDescription;
}

/** An answer in the words of the client's era. */
export interface WrittenAnswer {
    text: Text;
    status: number;
}

/**
 * Writes the server's answer as the client's era wants it.
 *
 * @param line the server's own line, in which it names the call `childId`; undefined when `outcome` is not what
 * the server said
 */
export type WriteAnswer = (
    id: RequestId,
    outcome: Outcome,
    description: ServerDescription,
    line: Line | undefined,
    childId: number,
    method: string,
) => WrittenAnswer;

export interface ForwarderArgs {
    observer: CallObserver;
    /** Longest time a call may take, in milliseconds. */
    callLimit: number;
    /** Leaves out of a list of tools what callers may not see; gives back the same object when that is nothing. */
    filterTools(result: JsonObject): JsonObject;
}

/** Bytes a server may leave unread before new calls are refused. */
const unreadLimit = 16 * 1024 * 1024;

/** One call on its way. */
export interface ForwardedCall {
    /** Tells the server that nobody waits any more. */
    cancel(reason: string): void;
}

/** Whoever wants to know that the server has nothing more to say to a call. */
export interface CallOwner {
    callOver(): void;
}

/** Brings calls to the server and answers back, and says what became of each. */
export class Forwarder {
    private readonly args: ForwarderArgs;

    constructor(args: ForwarderArgs) {
        this.args = args;
    }

    /** Longest time a call may take, in milliseconds. */
    get callLimit(): number {
        return this.args.callLimit;
    }

    /** Notes that a call begins. */
    begin(
        exchange: Exchange,
        { method, params }: RpcRequest,
        era: "legacy" | "modern",
    ): CallRecord {
        const { headers, principal, startedAt } = exchange;
        const name = params?.name ?? params?.uri;
        return {
            method,
            name: typeof name === "string" ? name : undefined,
            era,
            principal,
            requestId: readHeader(headers, "x-request-id"),
            traceparent: readHeader(headers, "traceparent"),
            startedAt,
        };
    }

    /** Notes that a call goes to the server; gives its parameters, so that its trace goes on there. */
    trace(
        { headers }: Pick<Exchange, "headers">,
        record: CallRecord,
        params: JsonObject | undefined,
    ): JsonObject | undefined {
        const meta = isObject(params?._meta) ? params._meta : undefined;
        const added = this.args.observer.begin(record, headers, meta);
        return added === undefined ? params : { ...params, _meta: { ...meta, ...added } };
    }

    /** Notes that a call is over. */
    end(record: CallRecord, outcome: CallOutcome, code?: number): void {
        this.args.observer.end(record, outcome, code === undefined ? undefined : { code });
    }

    /** Refuses a call; what says more as a result than as an error is sent as one. */
    refuse(exchange: Exchange, id: RequestId, record: CallRecord, refusal: ResultRefusal): void {
        const { status, error, headers, result } = refusal;
        if (headers !== undefined) {
            exchange.extraHeaders = [...(exchange.extraHeaders ?? []), ...headers];
        }
        if (result === undefined) {
            finish(exchange, id, { error }, status);
        } else {
            const modern = record.era === "modern" && { resultType: "complete" };
            finish(exchange, id, { result: { ...result, ...modern } }, status);
        }
        this.end(record, status === 503 ? "unavailable" : "refused", error.code);
    }

    /** A list of tools as callers may see it; any other answer as it is. */
    filter(method: string, outcome: Outcome): Outcome {
        if (method !== "tools/list" || "error" in outcome) {
            return outcome;
        }
        const result = this.args.filterTools(outcome.result);
        return result === outcome.result ? outcome : { result };
    }

    /**
     * Sends a request to the server and its answer to the caller.
     *
     * @param params the request's parameters as this server knows them
     * @param owner told when the server has nothing more to say
     * @returns undefined when it was refused
     */
    forward(
        exchange: Exchange,
        reply: Reply,
        request: RpcRequest,
        params: JsonObject | undefined,
        upstream: Upstream,
        record: CallRecord,
        write: WriteAnswer,
        owner?: CallOwner,
    ): ForwardedCall | undefined {
        const { id, method } = request;
        const { connection, description } = upstream;
        const refusal = findBacklog(upstream);
        if (refusal !== undefined) {
            this.refuse(exchange, id, record, refusal);
            owner?.callOver();
            return undefined;
        }
        const call = new Call(this, id, reply, description, record, write, owner);
        const traced = this.trace(exchange, record, params);
        call.connection = connection;
        call.childId = connection.call(method, traced, call, this.args.callLimit);
        return call;
    }
}

/**
 * A call between the client and the server. A class and not closures: closures that are put into objects from outside keep
 * what they see alive until a full collection, which measured a quarter of the processor's time at 16 connections.
 */
class Call implements CallHandlers, ForwardedCall {
    connection: Connection | undefined;
    childId = 0;
    private readonly forwarder: Forwarder;
    private readonly id: RequestId;
    private readonly reply: Reply;
    private readonly description: ServerDescription;
    private readonly record: CallRecord;
    private readonly write: WriteAnswer;
    private readonly owner: CallOwner | undefined;

    constructor(
        forwarder: Forwarder,
        id: RequestId,
        reply: Reply,
        description: ServerDescription,
        record: CallRecord,
        write: WriteAnswer,
        owner: CallOwner | undefined,
    ) {
        this.forwarder = forwarder;
        this.id = id;
        this.reply = reply;
        this.description = description;
        this.record = record;
        this.write = write;
        this.owner = owner;
    }

    onProgress(params: JsonObject): void {
        this.reply.notify({ jsonrpc: "2.0", method: "notifications/progress", params });
    }

    onAnswer(outcome: Outcome, line: Line | undefined, childId: number): void {
        const { forwarder, id, reply, description, record, write, owner } = this;
        const seen = forwarder.filter(record.method, outcome);
        const own = seen === outcome ? line : undefined;
        const { text, status } = write(id, seen, description, own, childId, record.method);
        reply.finish(text, status);
        const code = "error" in outcome ? outcome.error.code : undefined;
        forwarder.end(record, describeOutcome(outcome), code);
        owner?.callOver();
    }

    cancel(reason: string): void {
        if (this.connection?.cancel(this.childId, reason) === true) {
            this.forwarder.end(this.record, "cancelled");
            this.owner?.callOver();
        }
    }
}

/** Why a process is sent no further call for now; undefined for one that reads what it is sent. */
export function findBacklog({ connection }: Upstream): Refusal | undefined {
    return connection.unreadBytes > unreadLimit ? notReading : undefined;
}

const notReading = unavailable("the server does not read its input; try again");

/** How a call ended, for those who count. */
export function describeOutcome(outcome: Outcome): CallOutcome {
    if ("error" in outcome) {
        const { data } = outcome.error;
        return isObject(data) && data.timeout === true ? "timeout" : "error";
    }
    if (outcome.result.resultType === "input_required") {
        return "input_required";
    }
    return outcome.result.isError === true ? "tool_error" : "ok";
}
