import type { CallRecord } from "../callRecord.ts";
import type { Lease } from "../child/childPool.ts";
import { describeExit } from "../child/describeExit.ts";
import type { ProcessExit } from "../child/serverProcess.ts";
import { isDeclared, refuseUndeclared } from "../child/clientRequests.ts";
import { envelope } from "../child/handshake.ts";
import { writeTranslated, statusOf } from "../era/modern.ts";
import { describeOutcome, type ForwardedCall, type Forwarder } from "../forwarder.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RequestId,
    type RpcError,
    type RpcRequest,
} from "../jsonRpc.ts";
import type { Line } from "../text.ts";
import {
    buildInputRequired,
    findAnswerProblem,
    findPages,
    isAnswer,
    type InputRequest,
} from "./inputRequests.ts";
import { noRoom } from "./parkedCalls.ts";

/** Time of quiet after which a server is taken to have asked all it wants, in milliseconds: it may be slow, a person is slower. */
const gatherTime = 25;

/** One HTTP request of the call: the first, or one that brings the client's answers. */
export interface Round {
    exchange: Exchange;
    request: RpcRequest;
    record: CallRecord;
}

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
    private readonly asked = new Map<string, InputRequest>();
    private readonly refused: RpcError[] = [];
    private round: Round | undefined;
    /** Answers the client brought without having been asked here. */
    private brought: JsonObject;
    private callId: number | undefined;
    private early: Outcome | undefined;
    private gathering: NodeJS.Timeout | undefined;
    private over = false;

    constructor(args: LeasedCallArgs, round: Round) {
        this.args = args;
        this.round = round;
        const { inputResponses } = round.request.params ?? {};
        this.brought = isObject(inputResponses) ? inputResponses : {};
        this.watch(round);
        args.lease.connection.handlers = {
            onNotification: (method, params) => this.notify(method, params),
            onRequest: (id, method, params) => this.ask(id, method, params),
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
        const { inputResponses } = round.request.params ?? {};
        const answers = isObject(inputResponses) ? inputResponses : {};
        const problem = findAnswerProblem(this.asked, answers);
        if (problem !== undefined) {
            return problem;
        }
        this.round = round;
        this.watch(round);
        for (const [key, request] of [...this.asked]) {
            if (isAnswer(request, answers[key])) {
                this.asked.delete(key);
                this.give(request, answers[key]);
            }
        }
        const { early } = this;
        if (early !== undefined) {
            this.early = undefined;
            this.answer(early, undefined, 0);
        } else if (this.asked.size > 0) {
            this.parkSoon();
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

    private watch({ exchange }: Round): void {
        exchange.call = this;
    }

    /**
     * Sends the call when the server has nothing to ask before it, and has taken in what it was told: one may ask for roots
     * as soon as it is initialised, and what it asked before it answers a ping is known with that answer.
     */
    private async sendWhenSettled(): Promise<void> {
        await this.args.lease.connection.request("ping", undefined, readyLimit);
        if (this.asked.size === 0 && this.callId === undefined && !this.over) {
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
            this.asked.delete(String(params?.requestId));
        }
    }

    private tell(method: string, params: JsonObject | undefined): void {
        this.round?.exchange.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
    }

    private ask(childId: RequestId, method: string, params: JsonObject | undefined): void {
        const { lease, capabilities } = this.args;
        const request: InputRequest = { childId, method, params };
        const key = String(childId);
        if (!isDeclared(method, capabilities)) {
            const error = refuseUndeclared(method);
            this.refused.push(error);
            lease.connection.answer(childId, { error });
        } else if (isAnswer(request, this.brought[key])) {
            this.give(request, this.brought[key]);
        } else {
            this.asked.set(key, request);
            this.parkSoon();
        }
    }

    private give({ childId }: InputRequest, result: JsonObject): void {
        if (childId !== undefined) {
            this.args.lease.connection.answer(childId, { result });
        }
    }

    private parkSoon(): void {
        clearTimeout(this.gathering);
        this.gathering = setTimeout(() => {
            this.gathering = undefined;
            if (this.round !== undefined && this.asked.size > 0 && !this.over) {
                this.park(this.round);
            }
        }, gatherTime);
    }

    private park({ exchange, request, record }: Round): void {
        const { lease, forwarder } = this.args;
        const state = this.args.park(this, request);
        this.round = undefined;
        if (state === undefined) {
            forwarder.refuse(exchange, request.id, record, noRoom);
            this.cancel("there is no room for a call that waits for input");
            return;
        }
        const meta = { [envelope.serverInfo]: lease.description.serverInfo };
        finish(exchange, request.id, { result: buildInputRequired(this.asked, state, meta) });
        forwarder.end(record, "input_required");
    }

    private answer(outcome: Outcome, line: Line | undefined, childId: number): void {
        if (this.over) {
            return;
        }
        if (this.askForPages(outcome)) {
            return;
        }
        if (this.round === undefined) {
            // The server did not wait for its client; the client learns of it when it comes back.
            this.early ??= outcome;
            return;
        }
        const { exchange, request, record } = this.round;
        const { lease, forwarder } = this.args;
        const missing = this.refused[0];
        const failed = "error" in outcome || outcome.result.isError === true;
        if (missing !== undefined && failed && missing.code === errorCodes.missingCapability) {
            const error = { error: missing };
            finish(exchange, request.id, error, statusOf(error));
        } else {
            const { text, status } = writeTranslated(
                request.id,
                outcome,
                lease.description,
                line,
                childId,
                request.method,
            );
            exchange.finish(text, status);
        }
        forwarder.end(
            record,
            describeOutcome(outcome),
            "error" in outcome ? outcome.error.code : undefined,
        );
        this.end(true);
    }

    /** A server up to 2025-11-25 may fail with pages that its client must visit first, and then be called again. */
    private askForPages(outcome: Outcome): boolean {
        const pages = findPages(outcome, this.args.capabilities);
        if (pages.length === 0) {
            return false;
        }
        pages.forEach((page, index) => this.asked.set(`page-${index + 1}`, page));
        this.callId = undefined;
        this.parkSoon();
        return true;
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
            clearTimeout(this.gathering);
            this.args.onOver(clean);
        }
    }
}

/** Longest wait for a process that was just initialised to say that it is there, in milliseconds. */
const readyLimit = 10_000;
