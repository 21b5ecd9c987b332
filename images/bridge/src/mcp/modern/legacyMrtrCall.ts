// Over 200 lines because sending, asking, parking and going on are the states of one call.
import type { Call, CallStrategy } from "../../calls/call.ts";
import { McpStrategy } from "../../calls/mcpStrategy.ts";
import type { Lease } from "../../processes/childPool.ts";
import type { ConnectionHandlers } from "../../stdio/connectionHandlers.ts";
import { describeExit } from "../../stdio/describeExit.ts";
import { envelope } from "../../stdio/handshake.ts";
import type { ProcessExit } from "../../stdio/serverProcess.ts";
import { statusOf, writeTranslated } from "../translate/toModern.ts";
import { finish } from "../../http/exchange.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RequestId,
} from "../../json/jsonRpc.ts";
import type { Line } from "../../json/text.ts";
import { findPages } from "./inputRequests.ts";
import { noRoom, type Parked } from "./parkedCalls.ts";
import { PendingInputRequests } from "./pendingInputRequests.ts";

export interface LegacyMrtrCallArgs {
    call: Call;
    lease: Lease;
    /** What the client can be asked. */
    capabilities: JsonObject;
    /** Level of the log messages that the client wants; undefined for none. */
    logLevel: string | undefined;
    /** The request as the server knows it. */
    params: JsonObject | undefined;
    /** Makes a `requestState`, and keeps the call until it comes back; undefined when there is no room for it. */
    park(parked: LegacyMrtrCall): string | undefined;
}

/** Longest wait for a process that was just initialised to say that it is there, in milliseconds. */
const readyLimit = 10_000;

/**
 * A call by a process of its own, of a server up to 2025-11-25 for a client from 2026-07-28 on: what the server asks its
 * client ends the HTTP request with `input_required`, and the server's call waits until the client comes back.
 */
export class LegacyMrtrCall
    extends McpStrategy
    implements CallStrategy, ConnectionHandlers, Parked
{
    /** The call, by whose HTTP requests it came so far. */
    readonly call: Call;
    private readonly args: LegacyMrtrCallArgs;
    private readonly pending: PendingInputRequests;
    /** What the server answered without waiting for its client. */
    private early: Outcome | undefined;
    private sent = false;
    private suspended = false;

    constructor(args: LegacyMrtrCallArgs) {
        super(writeTranslated);
        const { call, lease, capabilities } = args;
        const { connection } = lease;
        this.args = args;
        this.call = call;
        this.pending = new PendingInputRequests({
            connection,
            capabilities,
            brought: readAnswers(call),
            onGathered: () => this.park(),
        });
        call.lease = lease;
        call.owner = this;
        connection.handlers = this;
    }

    /** Sends the call, after whatever the server wants to know before. */
    start(): void {
        const { lease, logLevel: level } = this.args;
        const { connection, description } = lease;
        if (level !== undefined && isObject(description.capabilities.logging)) {
            void connection.request("logging/setLevel", { level }, readyLimit);
        }
        void this.sendWhenSettled();
    }

    /**
     * Goes on with the client's answers.
     *
     * @param next the call that brings them, which this one continues as
     * @returns why they cannot be taken; then nothing has changed
     */
    resume(next: Call): string | undefined {
        const { call, pending, early } = this;
        const problem = pending.answer(readAnswers(next));
        if (problem !== undefined) {
            return problem;
        }
        call.resume(next);
        this.suspended = false;
        if (early !== undefined) {
            this.early = undefined;
            call.answer(early);
        } else if (pending.size > 0) {
            pending.gather();
        } else if (!this.sent) {
            void this.sendWhenSettled();
        }
        return undefined;
    }

    cancel(reason: string): void {
        this.call.cancel(reason);
    }

    callOver(): void {
        this.pending.stop();
    }

    override relay({ request, reply }: Call, params: JsonObject): void {
        // Each round has a token of its own.
        const meta = request.params?._meta;
        const progressToken = isObject(meta) ? meta.progressToken : undefined;
        if (progressToken !== undefined && !this.suspended) {
            const method = "notifications/progress";
            reply.notify({ jsonrpc: "2.0", method, params: { ...params, progressToken } });
        }
    }

    override intercept(_call: Call, outcome: Outcome): boolean {
        const pages = findPages(outcome, this.args.capabilities);
        if (pages.length > 0) {
            // It is called again when its client has visited them.
            this.sent = false;
            this.pending.addPages(pages);
            return true;
        }
        if (this.suspended) {
            // The server did not wait for its client; the client learns of it when it comes back.
            this.early ??= outcome;
        }
        return this.suspended;
    }

    override write(call: Call, outcome: Outcome, line: Line | undefined, childId: number): void {
        const { refused } = this.pending;
        const failed = "error" in outcome || outcome.result.isError === true;
        if (refused?.code === errorCodes.missingCapability && failed) {
            const error = { error: refused };
            finish(call.reply, call.request.id, error, statusOf(error));
        } else {
            super.write(call, outcome, line, childId);
        }
    }

    onNotification(method: string, params: JsonObject | undefined): void {
        if (method === "notifications/cancelled") {
            this.pending.remove(params?.requestId);
        } else if (
            method === "notifications/message" &&
            this.args.logLevel !== undefined &&
            !this.suspended
        ) {
            this.call.reply.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
        }
    }

    onRequest(id: RequestId, method: string, params: JsonObject | undefined): void {
        this.pending.add(id, method, params);
    }

    /** The process is gone; so is a call that was sent, but not one that still had to be. */
    onExit(exit: ProcessExit): void {
        const message = `the server ${describeExit(exit)} before it answered`;
        const outcome = { error: { code: errorCodes.internalError, message, data: exit } };
        // A call that was not sent yet does not know this strategy.
        if (!this.intercept(this.call, outcome)) {
            this.call.onAnswer(outcome, undefined, 0);
        }
        this.args.lease.release(false);
    }

    /**
     * Sends the call when the server has nothing to ask before it, and has taken in what it was told: one may ask for roots
     * as soon as it is initialised, and what it asked before it answers a ping is known with that answer.
     */
    private async sendWhenSettled(): Promise<void> {
        const { call, args } = this;
        await args.lease.connection.request("ping", undefined, readyLimit);
        if (this.pending.size === 0 && !this.sent && !this.suspended && !call.over) {
            this.sent = true;
            call.send(args.lease, args.params, this);
        }
    }

    private park(): void {
        const { call, args } = this;
        if (this.suspended || call.over) {
            return;
        }
        const state = args.park(this);
        if (state === undefined) {
            call.refuse(noRoom);
            return;
        }
        this.suspended = true;
        const meta = { [envelope.serverInfo]: args.lease.description.serverInfo };
        call.suspend(this.pending.build(state, meta));
    }
}

/** The answers of the client, by the keys of the requests. */
function readAnswers({ request: { params } }: Call): JsonObject {
    const answers = params?.inputResponses;
    return isObject(answers) ? answers : {};
}
