import type { CallRecord } from "../callRecord.ts";
import type { CallHandlers } from "../child/callTable.ts";
import type { Lease } from "../child/childPool.ts";
import { hearNothing } from "../child/sharedChild.ts";
import { writeNative } from "../era/modern.ts";
import { describeOutcome, type ForwardedCall, type Forwarder } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import type { JsonObject, Outcome, RpcRequest } from "../jsonRpc.ts";
import { noRoom } from "./parkedCalls.ts";

export interface NativeLeasedCallArgs {
    lease: Lease;
    forwarder: Forwarder;
    exchange: Exchange;
    request: RpcRequest;
    record: CallRecord;
    /** Keeps the process until the client comes back; gives what the client is told, or undefined when there is no room. */
    hold: (result: JsonObject) => JsonObject | undefined;
    /** Called when the call is refused although the server has answered it. */
    onRefused: () => void;
}

/** One round of a call by a process of its own, of a server that speaks 2026-07-28 itself. */
export class NativeLeasedCall implements CallHandlers, ForwardedCall {
    private readonly args: NativeLeasedCallArgs;
    private callId = 0;

    constructor(args: NativeLeasedCallArgs) {
        this.args = args;
        const { exchange } = args;
        const { connection } = args.lease;
        connection.handlers = {
            ...hearNothing(connection, () => undefined),
            onNotification(method, params) {
                // Only what this request has the process do is logged there.
                if (method === "notifications/message") {
                    exchange.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
                }
            },
        };
    }

    /** Sends the request, with the parameters that the server is to see. */
    send(params: JsonObject | undefined): void {
        const { lease, forwarder, exchange, request, record } = this.args;
        const traced = forwarder.trace(exchange, record, params);
        this.callId = lease.connection.call(request.method, traced, this, forwarder.callLimit);
    }

    onProgress(params: JsonObject): void {
        const method = "notifications/progress";
        this.args.exchange.notify({ jsonrpc: "2.0", method, params });
    }

    onAnswer(outcome: Outcome, line: string | undefined, childId: number): void {
        const { forwarder, record } = this.args;
        if (asksClient(outcome)) {
            this.ask(outcome.result, childId);
            return;
        }
        const seen = forwarder.filter(record.method, outcome);
        this.finish(seen, seen === outcome ? line : undefined, childId);
        this.args.lease.release();
    }

    cancel(reason: string): void {
        const { lease, forwarder, record } = this.args;
        if (lease.connection.cancel(this.callId, reason)) {
            forwarder.end(record, "cancelled");
            lease.release();
        }
    }

    private ask(result: JsonObject, childId: number): void {
        const { lease, forwarder, exchange, request, record, hold, onRefused } = this.args;
        const told = hold(result);
        if (told === undefined) {
            forwarder.refuse(exchange, request.id, record, noRoom);
            onRefused();
            lease.release();
        } else {
            this.finish({ result: told }, undefined, childId);
        }
    }

    private finish(outcome: Outcome, line: string | undefined, childId: number): void {
        const { lease, forwarder, exchange, request, record } = this.args;
        const { id, method } = request;
        const { text, status } = writeNative(id, outcome, lease.description, line, childId, method);
        exchange.finish(text, status);
        const code = "error" in outcome ? outcome.error.code : undefined;
        forwarder.end(record, describeOutcome(outcome), code);
    }
}

/** Whether a server's answer is a question to its client. */
export function asksClient(outcome: Outcome): outcome is { result: JsonObject } {
    return "result" in outcome && outcome.result.resultType === "input_required";
}
