import type { Lease } from "../child/childPool.ts";
import { describeExit } from "../child/describeExit.ts";
import { envelope } from "../child/handshake.ts";
import type { ProcessExit } from "../child/serverProcess.ts";
import type { ForwardedCall, Forwarder } from "../forwarder.ts";
import { finish } from "../http/exchange.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RpcRequest,
} from "../jsonRpc.ts";
import type { Line } from "../text.ts";
import { findPages } from "./inputRequests.ts";
import { noRoom } from "./parkedCalls.ts";
import { Questions } from "./questions.ts";
import { answerRound, type Round } from "./round.ts";

export interface LeasedCallArgs {
    lease: Lease;
    forwarder: Forwarder;
    /** What the client can be asked. */
    capabilities: JsonObject;
    /** Whether the client wants log messages. */
    logging: boolean;
    /** The request as the server knows it. */
    params: JsonObject | undefined;
    /** Makes a `requestState`, and keeps the call until it comes back; undefined when there is no room for it. */
    park(call: LeasedCall, request: RpcRequest): string | undefined;
    /**
     * Called when nothing of the call is left in the process.
     *
     * @param clean whether the process has finished it, so that it could take another one
     */
    onOver(clean: boolean): void;
}

/**
 * A call by a process of its own, of a server up to 2025-11-25 for a client from 2026-07-28 on: what the server asks its
 * client ends the HTTP request with `input_required`, and the server's call waits until the client comes back.
 */
export class LeasedCall implements ForwardedCall {
    private readonly args: LeasedCallArgs;
    private readonly questions: Questions;
    private round: Round | undefined;
    private callId: number | undefined;
    private early: Outcome | undefined;
    private over = false;

    constructor(args: LeasedCallArgs, round: Round) {
        this.args = args;
        this.round = round;
        const { connection } = args.lease;
        this.questions = new Questions({
            connection,
            capabilities: args.capabilities,
            brought: readAnswers(round),
            onGathered: () => this.park(),
        });
        round.exchange.call = this;
        connection.handlers = {
            onNotification: (method, params) => this.notify(method, params),
            onRequest: (id, method, params) => this.questions.add(id, method, params),
            onExit: (exit) => this.handleExit(exit),
        };
    }

    /** Sends the call, after whatever the server wants to know before. */
    async start(logLevel: string | undefined): Promise<void> {
        const { connection, description } = this.args.lease;
        if (logLevel !== undefined && isObject(description.capabilities.logging)) {
            void connection.request("logging/setLevel", { level: logLevel }, readyLimit);
        }
        await this.sendWhenSettled();
    }

    /**
     * Goes on with the client's answers.
     *
     * @returns why they cannot be taken; then nothing has changed
     */
    resume(round: Round): string | undefined {
        const { questions, early } = this;
        const problem = questions.answer(readAnswers(round));
        if (problem !== undefined) {
            return problem;
        }
        this.round = round;
        round.exchange.call = this;
        if (early !== undefined) {
            this.early = undefined;
            this.answer(early, undefined, 0);
        } else if (questions.size > 0) {
            questions.gather();
        } else if (this.callId === undefined) {
            void this.sendWhenSettled();
        }
        return undefined;
    }

    /** Gives up: the client is gone, or did not come back in time. */
    cancel(reason: string): void {
        if (this.over) {
            return;
        }
        if (this.callId !== undefined) {
            this.args.lease.connection.cancel(this.callId, reason);
        }
        if (this.round !== undefined) {
            this.args.forwarder.end(this.round.record, "cancelled");
        }
        this.end(false);
    }

    /**
     * Sends the call when the server has nothing to ask before it, and has taken in what it was told: one may ask for roots
     * as soon as it is initialised, and what it asked before it answers a ping is known with that answer.
     */
    private async sendWhenSettled(): Promise<void> {
        await this.args.lease.connection.request("ping", undefined, readyLimit);
        if (this.questions.size === 0 && this.callId === undefined && !this.over) {
            this.send();
        }
    }

    private send(): void {
        const { lease, forwarder, params } = this.args;
        const { round } = this;
        if (round === undefined) {
            return;
        }
        this.callId = lease.connection.call(
            round.request.method,
            forwarder.trace(round.exchange, round.record, params),
            {
                onProgress: (progress) => this.progress(progress),
                onAnswer: (outcome, line, childId) => this.answer(outcome, line, childId),
            },
            forwarder.callLimit,
        );
    }

    private progress(params: JsonObject): void {
        // Each round has a token of its own.
        const meta = this.round?.request.params?._meta;
        const progressToken = isObject(meta) ? meta.progressToken : undefined;
        if (progressToken !== undefined) {
            this.tell("notifications/progress", { ...params, progressToken });
        }
    }

    private notify(method: string, params: JsonObject | undefined): void {
        if (method === "notifications/message" && this.args.logging) {
            this.tell(method, params);
        } else if (method === "notifications/cancelled") {
            this.questions.remove(params?.requestId);
        }
    }

    private tell(method: string, params: JsonObject | undefined): void {
        this.round?.exchange.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
    }

    private park(): void {
        const { round, over } = this;
        if (round === undefined || over) {
            return;
        }
        const { lease, forwarder } = this.args;
        const { exchange, request, record } = round;
        const state = this.args.park(this, request);
        this.round = undefined;
        if (state === undefined) {
            forwarder.refuse(exchange, request.id, record, noRoom);
            this.cancel("there is no room for a call that waits for input");
            return;
        }
        const meta = { [envelope.serverInfo]: lease.description.serverInfo };
        finish(exchange, request.id, { result: this.questions.build(state, meta) });
        forwarder.end(record, "input_required");
    }

    private answer(outcome: Outcome, line: Line | undefined, childId: number): void {
        const { round, questions } = this;
        if (this.over) {
            return;
        }
        const { lease, forwarder, capabilities } = this.args;
        const pages = findPages(outcome, capabilities);
        if (pages.length > 0) {
            // It is called again when its client has visited them.
            this.callId = undefined;
            questions.addPages(pages);
        } else if (round === undefined) {
            // The server did not wait for its client; the client learns of it when it comes back.
            this.early ??= outcome;
        } else {
            const { refused } = questions;
            answerRound(round, forwarder, lease.description, outcome, line, childId, refused);
            this.end(true);
        }
    }

    /** The process is gone; so is a call that was sent, but not one that still had to be. */
    private handleExit(exit: ProcessExit): void {
        const message = `the server ${describeExit(exit)} before it answered`;
        const error = { code: errorCodes.internalError, message, data: exit };
        this.answer({ error }, undefined, 0);
        this.args.onOver(false);
    }

    private end(clean: boolean): void {
        if (!this.over) {
            this.over = true;
            this.questions.stop();
            this.args.onOver(clean);
        }
    }
}

/** Longest wait for a process that was just initialised to say that it is there, in milliseconds. */
const readyLimit = 10_000;

/** The answers of the client, by the keys of the questions. */
function readAnswers({ request: { params } }: Round): JsonObject {
    const answers = params?.inputResponses;
    return isObject(answers) ? answers : {};
}
