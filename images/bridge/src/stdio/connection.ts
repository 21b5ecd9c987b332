// Over 200 lines because what is sent to a process, what it says and how it ends are one conversation.
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RequestId,
    type RpcError,
} from "../json/jsonRpc.ts";
import type { Log } from "../log/log.ts";
import { largeText } from "../json/text.ts";
import { exactly } from "../json/longNumber.ts";
import { CallTable, type CallHandlers } from "./callTable.ts";
import { nobody, type ConnectionHandlers } from "./connectionHandlers.ts";
import { describeExit } from "./describeExit.ts";
import { encodeLine } from "./encodeLine.ts";
import { excerptBytes } from "./lineSplitter.ts";
import type { DroppedKind, LaunchArgs } from "./launchArgs.ts";
import { findAnswerId, findLineProblem, parseMessage, readOutcome } from "./parseMessage.ts";
import { ServerProcess, type ProcessExit } from "./serverProcess.ts";
import { StderrLog } from "./stderrLog.ts";

/** JSON-RPC with one process of the server, whatever the revision: calls out, answers and the server's own messages in. */
export class Connection {
    private listener: ConnectionHandlers = nobody;
    /** What the process asked while nobody listened. */
    private waiting: [id: RequestId, method: string, params: JsonObject | undefined][] = [];
    private readonly process: ServerProcess;
    private readonly calls = new CallTable();
    private readonly log: Log;
    private readonly onDropped: LaunchArgs["onDropped"];
    private readonly stderr: StderrLog;
    private heardAt = performance.now();
    private ended = false;
    private stopping = false;
    private endReason: string | undefined;

    private readonly onGone: ConnectionHandlers["onExit"];

    /** @param onGone called when the process is gone, whoever has its handlers then */
    constructor(
        { command, readEnvironment, lineLimit, childLog, log, onDropped }: LaunchArgs,
        onGone: ConnectionHandlers["onExit"] = () => undefined,
    ) {
        this.log = log;
        this.onDropped = onDropped;
        this.onGone = onGone;
        this.stderr = new StderrLog(childLog, log);
        this.process = new ServerProcess({
            command,
            readEnvironment,
            lineLimit,
            stdout: {
                onLine: (line) => this.receive(line),
                onOversize: (head, tail) => {
                    const limit = `longer than ${lineLimit} bytes`;
                    this.refuseLine(head, tail, limit);
                },
            },
            onStderr: (line) => this.stderr.write(this.pid, line),
            onExit: (exit) => this.handleExit(exit),
        });
    }

    /** Who is told what the process says by itself. Whoever comes is asked what the process asked before. */
    get handlers(): ConnectionHandlers {
        return this.listener;
    }

    set handlers(handlers: ConnectionHandlers) {
        this.listener = handlers;
        if (handlers !== nobody) {
            this.waiting.splice(0).forEach((request) => handlers.onRequest(...request));
        }
    }

    /** Id of the process and of its group. */
    get pid(): number | undefined {
        return this.process.pid;
    }

    /** Whether the process is gone. */
    get over(): boolean {
        return this.ended;
    }

    /** Calls the server has not answered. */
    get openCalls(): number {
        return this.calls.size;
    }

    /** Whether the server has calls that it is to answer in time. */
    get busy(): boolean {
        return this.calls.expected > 0;
    }

    /** Bytes written to the server that it has not read. */
    get unreadBytes(): number {
        return this.process.unreadBytes;
    }

    /** Time since the server last said anything, in milliseconds. */
    get silence(): number {
        return performance.now() - this.heardAt;
    }

    /**
     * Sends a call.
     *
     * @param limit longest time it may take, in milliseconds; then it is cancelled and fails
     * @returns the call's id, for `cancel`
     */
    call(
        method: string,
        params: JsonObject | undefined,
        handlers: CallHandlers,
        limit: number,
    ): number {
        this.stderr.noteCall(method);
        const outgoing = this.calls.add(params, handlers, limit, (id) => {
            this.notify("notifications/cancelled", { requestId: id, reason: "it took too long" });
            const message = `the server did not answer within ${limit / 1000} s`;
            const error = { code: errorCodes.internalError, message, data: { timeout: true } };
            handlers.onAnswer({ error }, undefined, id);
        });
        this.send({ id: outgoing.id, method, params: outgoing.params });
        return outgoing.id;
    }

    /** Sends a call and waits for its answer. */
    request(method: string, params: JsonObject | undefined, limit: number): Promise<Outcome> {
        return new Promise((resolve) => {
            const handlers = { onProgress: () => undefined, onAnswer: resolve };
            this.call(method, params, handlers, limit);
        });
    }

    /**
     * Tells the server that nobody waits for a call any more. Its late answer is dropped.
     *
     * @returns false when the call was answered already
     */
    cancel(id: number, reason: string): boolean {
        const open = this.calls.forget(id);
        if (open) {
            this.notify("notifications/cancelled", { requestId: id, reason });
        }
        return open;
    }

    /** Answers a request of the server. */
    answer(id: RequestId, outcome: Outcome): void {
        this.send({ id, ...outcome });
    }

    /** Sends a notification. */
    notify(method: string, params?: JsonObject): void {
        this.send({ method, params });
    }

    /** Counts a message that reaches nobody. */
    drop(kind: DroppedKind): void {
        this.onDropped?.(kind);
    }

    /** Ends the process and fails the calls that are left. */
    async stop(): Promise<void> {
        this.stopping = true;
        await this.process.stop();
    }

    /**
     * Ends the process at once.
     *
     * @param reason what its calls fail with (default how it ended)
     */
    kill(reason?: string): void {
        this.endReason = reason;
        this.process.kill();
    }

    private send(message: JsonObject): void {
        if (this.ended && message.method !== undefined && message.id !== undefined) {
            this.calls.answer(message.id, { error: notRunning });
        } else {
            this.process.send(encodeLine(message), this.calls.size === 1);
        }
    }

    private handleExit(exit: ProcessExit): void {
        this.ended = true;
        this.onGone(exit);
        if (exit.startError !== undefined) {
            // Why, only the log says: it may name files.
            this.calls.failAll("the server could not be started");
        } else if (this.stopping) {
            this.calls.failAll("the server is shutting down");
        } else {
            const reason = `the server ${describeExit(exit)} before it answered`;
            this.calls.failAll(this.endReason ?? reason, exit);
        }
        this.listener.onExit(exit);
    }

    private receive(line: Buffer): void {
        this.heardAt = performance.now();
        const problem = findLineProblem(line);
        if (problem !== undefined) {
            const ends = [line.subarray(0, excerptBytes), line.subarray(-excerptBytes)].map(String);
            this.refuseLine(ends[0] ?? "", ends[1] ?? "", problem);
            return;
        }
        const text = line.toString("utf8");
        const message = parseMessage(text);
        if (message === undefined) {
            if (line.length > 0) {
                this.drop("line");
                this.log("warn", "not a message", { pid: this.pid, bytes: line.length });
            }
            return;
        }
        const { id, method } = message;
        if (typeof method !== "string") {
            const said = line.length < largeText ? text : line;
            if (!this.calls.answer(message.id, readOutcome(message), said)) {
                this.drop("answer");
            }
            return;
        }
        const params = isObject(message.params) ? message.params : undefined;
        if (id !== undefined) {
            this.receiveRequest(exactly(id, line, ["id"]) as RequestId, method, params);
        } else if (method !== "notifications/progress") {
            if (params !== undefined && typeof params.requestId === "number") {
                params.requestId = exactly(params.requestId, line, ["params", "requestId"]);
            }
            this.listener.onNotification(method, params);
        } else if (!this.calls.progress(params)) {
            this.listener.onNotification(method, params);
        }
    }

    private receiveRequest(id: RequestId, method: string, params: JsonObject | undefined): void {
        if (method === "ping") {
            this.answer(id, { result: {} });
        } else if (this.listener !== nobody) {
            this.listener.onRequest(id, method, params);
        } else if (this.waiting.length < waitingLimit) {
            this.waiting.push([id, method, params]);
        }
    }

    /** Fails the call that a line answers which cannot be read. */
    private refuseLine(head: string, tail: string, problem: string): void {
        const message = `the server's answer is ${problem}`;
        const error = { code: errorCodes.internalError, message };
        this.calls.answer(findAnswerId(head, tail), { error });
        this.log("error", "line refused", { pid: this.pid, problem });
    }
}

/** Requests of a process that are kept while nobody listens. */
const waitingLimit = 16;

const notRunning: RpcError = {
    code: errorCodes.internalError,
    message: "the server is not running",
};
