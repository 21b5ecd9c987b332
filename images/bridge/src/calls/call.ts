// Over 200 lines because it is the one place where a request is sent and its answer filtered, written and recorded: a rule
// added here holds for every era, isolation, replica and REST.
import type { IncomingHttpHeaders } from "node:http";
import type { DenseSetItem } from "../collections/denseSet.ts";
import type { CallHandlers } from "../stdio/callTable.ts";
import type { Lease, Upstream } from "../processes/childPool.ts";
import type { ServerDescription } from "../stdio/handshake.ts";
import { finish, readHeader } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RpcRequest,
} from "../json/jsonRpc.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import type { Principal } from "../auth/principal.ts";
import { unavailable } from "../json/refusal.ts";
import type { Line } from "../json/text.ts";
import type { CallObserver, CallOutcome, CallRecord } from "./callRecord.ts";

/** What all calls share. */
export interface CallContext {
    observer: CallObserver;
    /** Longest time a call may take, in milliseconds. */
    callLimit: number;
    /** Removes the tools that callers may not see from a result of `tools/list`; returns the same object when all remain. */
    filterTools(result: JsonObject): JsonObject;
}

/** Where calls enter: one for each era of clients, and one for REST. */
export interface CallEntry {
    context: CallContext;
    era: CallRecord["era"];
    /** Refuses calls, and answers those that no process is needed for. */
    strategy: CallStrategy;
}

/** The HTTP request that a call came with. */
export interface CallOrigin {
    readonly headers: IncomingHttpHeaders;
    readonly principal: Principal;
    /** When the request's head had arrived, in milliseconds of the monotonic clock. */
    readonly startedAt: number;
}

/** How one way of calling differs from the others: era of client and server, shared or leased process, MCP or REST. */
export interface CallStrategy {
    /** Relays progress of the server. */
    relay(call: Call, progress: JsonObject): void;
    /** Takes an answer that does not end the call, such as a request for input; false for one that ends it. */
    intercept(call: Call, outcome: Outcome): boolean;
    /**
     * Answers the client.
     *
     * @param line the server's own line, in which it names the call `childId`; undefined when `outcome` is not what the
     * server said
     */
    write(call: Call, outcome: Outcome, line: Line | undefined, childId: number): void;
    /** Tells the client why its call is not served. */
    refuse(call: Call, refusal: ResultRefusal): void;
}

/** Notified when the server has finished a call. */
export interface CallOwner {
    callOver(call: Call): void;
}

/** Bytes a server may leave unread before new calls are refused. */
const unreadLimit = 16 * 1024 * 1024;
const notReading = unavailable("the server does not read its input; try again");

/**
 * A call between a client and a process of the server. A class and not closures: closures that are put into objects from
 * outside keep what they see alive until a full collection, which measured a quarter of the processor's time at 16
 * connections.
 */
export class Call implements CallHandlers, DenseSetItem {
    slot = -1;
    readonly context: CallContext;
    request: RpcRequest;
    reply: Reply;
    record: CallRecord;
    /** Process that serves this call alone; released when the call ends. */
    lease: Lease | undefined;
    owner: CallOwner | undefined;
    private headers: IncomingHttpHeaders;
    private strategy: CallStrategy;
    private upstream: Upstream | undefined;
    private childId = 0;
    private state: "open" | "suspended" | "over" = "open";

    constructor(entry: CallEntry, origin: CallOrigin, reply: Reply, request: RpcRequest) {
        const { headers, principal, startedAt } = origin;
        const { method, params } = request;
        const name = params?.name ?? params?.uri;
        this.context = entry.context;
        this.strategy = entry.strategy;
        this.headers = headers;
        this.reply = reply;
        this.request = request;
        this.record = {
            method,
            name: typeof name === "string" ? name : undefined,
            era: entry.era,
            principal,
            requestId: readHeader(headers, "x-request-id"),
            traceparent: readHeader(headers, "traceparent"),
            startedAt,
        };
    }

    /** Whether the call has its last answer, or was given up. */
    get over(): boolean {
        return this.state === "over";
    }

    /** The server that the call was sent to. */
    get description(): ServerDescription {
        if (this.upstream === undefined) {
            throw new Error("the call was not sent");
        }
        return this.upstream.description;
    }

    /**
     * Sends the request to a process.
     *
     * @param params the request's parameters as this server knows them
     * @returns false when it was refused
     */
    send(upstream: Upstream, params: JsonObject | undefined, strategy = this.strategy): boolean {
        const { connection } = upstream;
        this.upstream = upstream;
        this.strategy = strategy;
        if (connection.unreadBytes > unreadLimit) {
            this.refuse(notReading);
            return false;
        }
        const traced = this.trace(params);
        this.childId = connection.call(this.request.method, traced, this, this.context.callLimit);
        return true;
    }

    onProgress(params: JsonObject): void {
        this.strategy.relay(this, params);
    }

    onAnswer(outcome: Outcome, line: Line | undefined, childId: number): void {
        if (this.state !== "over" && !this.strategy.intercept(this, outcome)) {
            this.answer(outcome, line, childId);
        }
    }

    /**
     * Gives the client its last answer, without what callers may not see.
     *
     * @param line the server's own line, in which it names the call `childId` (default none: the bridge answers)
     */
    answer(outcome: Outcome, line?: Line, childId = 0): void {
        const seen = this.filter(outcome);
        this.strategy.write(this, seen, seen === outcome ? line : undefined, childId);
        const how = describeOutcome(outcome);
        const code = "error" in outcome ? outcome.error.code : undefined;
        this.end(how, code, how !== "timeout");
    }

    /** Gives the client an answer of the bridge's own, which no process is asked for. */
    complete(result: JsonObject): void {
        finish(this.reply, this.request.id, { result });
        this.end("ok", undefined, true);
    }

    /** Refuses the call; what says more as a result than as an error is sent as one. */
    refuse(refusal: ResultRefusal): void {
        if (this.state === "over") {
            return;
        }
        this.upstream?.connection.cancel(this.childId, refusal.error.message);
        this.strategy.refuse(this, refusal);
        const outcome = refusal.status === 503 ? "unavailable" : "refused";
        this.end(outcome, refusal.error.code, false);
    }

    /** Gives up: the client cancelled the call, is gone, or did not come back in time. */
    cancel(reason: string): void {
        if (this.state === "over") {
            return;
        }
        this.upstream?.connection.cancel(this.childId, reason);
        if (this.state === "suspended") {
            this.leave(false);
            return;
        }
        // The client has forgotten the call; this only ends its stream.
        const error = { code: errorCodes.internalError, message: reason };
        this.strategy.write(this, { error }, undefined, 0);
        this.end("cancelled", undefined, false);
    }

    /** Ends this HTTP request of the call with a request for input; the server waits until the client comes back. */
    suspend(result: JsonObject): void {
        finish(this.reply, this.request.id, { result });
        this.context.observer.end(this.record, "input_required");
        this.state = "suspended";
    }

    /** Continues a suspended call with the HTTP request of `next`, which brings the client's input. */
    resume({ request, reply, record, headers }: Call): void {
        this.request = request;
        this.reply = reply;
        this.record = record;
        this.headers = headers;
        this.state = "open";
    }

    /** Records that the call goes to a server; returns its parameters with the trace context. */
    private trace(params: JsonObject | undefined): JsonObject | undefined {
        const meta = isObject(params?._meta) ? params._meta : undefined;
        const added = this.context.observer.begin(this.record, this.headers, meta);
        return added === undefined ? params : { ...params, _meta: { ...meta, ...added } };
    }

    /** Removes the tools that callers may not see from a list of tools. */
    private filter(outcome: Outcome): Outcome {
        if (this.record.method !== "tools/list" || "error" in outcome) {
            return outcome;
        }
        const result = this.context.filterTools(outcome.result);
        return result === outcome.result ? outcome : { result };
    }

    /** @param clean whether the process has finished the call, so that it can serve another one */
    private end(outcome: CallOutcome, code: number | undefined, clean: boolean): void {
        this.context.observer.end(this.record, outcome, code === undefined ? undefined : { code });
        this.leave(clean);
    }

    private leave(clean: boolean): void {
        this.state = "over";
        this.lease?.release(clean);
        this.lease = undefined;
        this.owner?.callOver(this);
    }
}

function describeOutcome(outcome: Outcome): CallOutcome {
    if ("error" in outcome) {
        const { data } = outcome.error;
        return isObject(data) && data.timeout === true ? "timeout" : "error";
    }
    if (outcome.result.resultType === "input_required") {
        return "input_required";
    }
    return outcome.result.isError === true ? "tool_error" : "ok";
}
