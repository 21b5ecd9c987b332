import type { SharedChild } from "./child/sharedChild.ts";
import type { ServerDescription } from "./child/handshake.ts";
import { finish, type Exchange } from "./http/exchange.ts";
import { errorCodes, type JsonObject, type Outcome, type RpcRequest } from "./jsonRpc.ts";
import type { Log } from "./log.ts";

/** How one era's answers differ from the server's. */
export interface Dialect {
    era: "legacy" | "modern";
    translate(outcome: Outcome, server: ServerDescription): Outcome;
    statusOf(outcome: Outcome): number;
}

export interface ForwarderArgs {
    child: SharedChild;
    /** Name of the server, for the log. */
    server: string;
    /** Longest time a call waits for a server that is starting, in milliseconds. */
    readyLimit: number;
    log: Log;
}

/** Bytes a server may leave unread before new calls are refused. */
const unreadLimit = 16 * 1024 * 1024;

/** Brings calls to the server and answers back, and writes the audit line of each. */
export class Forwarder {
    private readonly args: ForwarderArgs;

    constructor(args: ForwarderArgs) {
        this.args = args;
    }

    /** The server's description, as soon as it is ready; undefined when it is not in time. */
    async describe(): Promise<ServerDescription | undefined> {
        const { child, readyLimit } = this.args;
        if (child.description) {
            return child.description;
        }
        return await new Promise((resolve) => {
            const settle = (description?: ServerDescription): void => {
                clearTimeout(timer);
                child.off("ready", settle);
                resolve(description);
            };
            const timer = setTimeout(settle, readyLimit);
            child.on("ready", settle);
        });
    }

    /** Answers that the server cannot take a call now. */
    refuse(exchange: Exchange, { id }: RpcRequest, message: string): void {
        if (!exchange.response.headersSent) {
            exchange.response.setHeader("retry-after", "2");
        }
        finish(exchange, id, { error: { code: errorCodes.internalError, message } }, 503);
    }

    /**
     * Sends a request to the server and its answer to the caller.
     *
     * @returns a function that cancels the call; undefined when it was refused
     */
    async forward(
        exchange: Exchange,
        request: RpcRequest,
        params: JsonObject | undefined,
        dialect: Dialect,
    ): Promise<((reason: string) => void) | undefined> {
        const { child } = this.args;
        const server = await this.describe();
        if (server === undefined) {
            this.refuse(exchange, request, "the server is not ready; try again");
            this.audit(exchange, request, dialect, "unavailable");
            return undefined;
        }
        if (child.unreadBytes > unreadLimit) {
            this.refuse(exchange, request, "the server does not read its input; try again");
            this.audit(exchange, request, dialect, "unavailable");
            return undefined;
        }
        const call = child.call(request.method, params, {
            onProgress: (progress) =>
                exchange.answer.notify({
                    jsonrpc: "2.0",
                    method: "notifications/progress",
                    params: progress,
                }),
            onAnswer: (outcome) => {
                const answer = dialect.translate(outcome, server);
                finish(exchange, request.id, answer, dialect.statusOf(answer));
                this.audit(exchange, request, dialect, describeOutcome(answer));
            },
        });
        return (reason) => {
            if (child.cancel(call, reason)) {
                this.audit(exchange, request, dialect, "cancelled");
            }
        };
    }

    private audit(
        { principal, requestId, startedAt }: Exchange,
        { method, params }: RpcRequest,
        { era }: Dialect,
        outcome: string,
    ): void {
        this.args.log("info", "call", {
            server: this.args.server,
            method,
            ...(typeof params?.name === "string" && { name: params.name }),
            era,
            outcome,
            durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
            ...principal,
            requestId,
        });
    }
}

function describeOutcome(outcome: Outcome): string {
    if ("error" in outcome) {
        return `error ${outcome.error.code}`;
    }
    return outcome.result.isError === true ? "tool error" : "ok";
}
