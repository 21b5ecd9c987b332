import { EventEmitter } from "node:events";
import { errorCodes, isObject, type JsonObject, type Outcome, type RpcError } from "../jsonRpc.ts";
import type { Log } from "../log.ts";
import { CallTable, type CallHandlers } from "./callTable.ts";
import { describeExit } from "./describeExit.ts";
import { encodeLine } from "./encodeLine.ts";
import { initializeParams, readDescription, type ServerDescription } from "./handshake.ts";
import { findAnswerId, parseMessage } from "./parseMessage.ts";
import { RestartPolicy } from "./restartPolicy.ts";
import { ServerProcess, type ProcessExit } from "./serverProcess.ts";

export interface SharedChildArgs {
    command: readonly string[];
    environment: NodeJS.ProcessEnv;
    /** Longest line of the server, in bytes. */
    lineLimit: number;
    /** Longest time the handshake may take, in milliseconds. */
    startLimit: number;
    /** Longest time a call may take, in milliseconds. */
    callLimit: number;
    log: Log;
}

interface SharedChildEvents {
    ready: [ServerDescription];
    /** A `notifications/…/list_changed` of the server, or its restart, after which every list may differ. */
    listChanged: [method: string];
}

const listChanges = ["tools", "prompts", "resources"].map(
    (kind) => `notifications/${kind}/list_changed`,
);

/**
 * One stdio server, shared by every caller: started, initialised once, restarted when it dies. What cannot be
 * attributed to a caller (its log messages, its own requests) goes no further than here.
 */
export class SharedChild extends EventEmitter<SharedChildEvents> {
    private readonly args: SharedChildArgs;
    private readonly calls = new CallTable();
    private readonly policy = new RestartPolicy();
    private process: ServerProcess | undefined;
    private restart: NodeJS.Timeout | undefined;
    private current: ServerDescription | undefined;
    private readySince = 0;
    private stopping = false;

    constructor(args: SharedChildArgs) {
        super();
        // Every waiting call listens for "ready"; their number is bounded by the limit of calls in flight.
        this.setMaxListeners(0);
        this.args = args;
    }

    /** What the running server said in its handshake; undefined while there is none. */
    get description(): ServerDescription | undefined {
        return this.current;
    }

    /** Whether the server dies again and again. */
    get looping(): boolean {
        return this.policy.looping;
    }

    /** Calls the server has not answered. */
    get openCalls(): number {
        return this.calls.size;
    }

    /** Bytes written to the server that it has not read. */
    get unreadBytes(): number {
        return this.process?.unreadBytes ?? 0;
    }

    /** Id of the server's process and of its group. */
    get pid(): number | undefined {
        return this.process?.pid;
    }

    /** Starts the server and its handshake. */
    start(): void {
        const { command, environment, lineLimit, startLimit, log } = this.args;
        const child = new ServerProcess({
            command,
            environment,
            lineLimit,
            stdout: {
                onLine: (line) => this.receive(line),
                onOversize: (head, tail) => this.refuseOversize(head, tail),
            },
            onStderr: (line) => log("info", "server stderr", { message: line }),
            onExit: (exit) => this.handleExit(exit),
        });
        this.process = child;
        this.request(
            "initialize",
            initializeParams,
            { onProgress: () => undefined, onAnswer: (outcome) => this.finishStart(outcome) },
            startLimit,
            () => this.refuseStart(`did not answer 'initialize' within ${startLimit} ms`),
        );
    }

    /**
     * Sends a call to the server.
     *
     * @returns the call's id, for `cancel`
     */
    call(method: string, params: JsonObject | undefined, handlers: CallHandlers): number {
        const { callLimit } = this.args;
        return this.request(method, params, handlers, callLimit, (id) => {
            this.cancel(id, "it took too long");
            const message = `the server did not answer within ${callLimit / 1000} s`;
            handlers.onAnswer({ error: { code: errorCodes.internalError, message } });
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
            this.send({ method: "notifications/cancelled", params: { requestId: id, reason } });
        }
        return open;
    }

    /** Ends the server and fails the calls that are left. */
    async stop(): Promise<void> {
        this.stopping = true;
        clearTimeout(this.restart);
        await this.process?.stop();
        this.calls.failAll("the server is shutting down");
    }

    private request(
        method: string,
        params: JsonObject | undefined,
        handlers: CallHandlers,
        limit: number,
        onExpiry: (id: number) => void,
    ): number {
        const outgoing = this.calls.add(params, handlers, limit, onExpiry);
        this.send({ id: outgoing.id, method, params: outgoing.params });
        return outgoing.id;
    }

    private send(message: JsonObject): void {
        this.process?.send(encodeLine(message));
    }

    private finishStart(outcome: Outcome): void {
        if (this.process === undefined) {
            return;
        }
        const description = readDescription(outcome);
        if (typeof description === "string") {
            this.refuseStart(description);
            return;
        }
        this.send({ method: "notifications/initialized" });
        const restarted = this.readySince > 0;
        this.current = description;
        this.readySince = Date.now();
        this.args.log("info", "server ready", { pid: this.pid, ...description.serverInfo });
        this.emit("ready", description);
        if (restarted) {
            listChanges.forEach((method) => this.emit("listChanged", method));
        }
    }

    private refuseStart(reason: string): void {
        this.args.log("error", "handshake failed", { reason: `the server ${reason}` });
        this.process?.kill();
    }

    private handleExit(exit: ProcessExit): void {
        const readyFor = this.current ? Date.now() - this.readySince : 0;
        this.current = undefined;
        this.process = undefined;
        this.calls.failAll(`the server ${describeExit(exit)} before it answered`, exit);
        if (this.stopping) {
            return;
        }
        const pause = this.policy.noteExit(readyFor);
        const hint = readyFor === 0 ? `; is '${this.args.command[0]}' a stdio MCP server?` : "";
        this.args.log("error", "server ended", {
            reason: `the server ${describeExit(exit)}${hint}`,
            restartInMs: pause,
        });
        this.restart = setTimeout(() => this.start(), pause);
    }

    private receive(line: Buffer): void {
        const message = parseMessage(line);
        if (message === undefined) {
            if (line.length > 0) {
                this.args.log("warn", "not a message", { bytes: line.length });
            }
            return;
        }
        const { id, method } = message;
        if (typeof method !== "string") {
            this.receiveAnswer(message);
        } else if (id === undefined) {
            this.receiveNotification(method, isObject(message.params) ? message.params : undefined);
        } else {
            this.send(method === "ping" ? { id, result: {} } : { id, error: cannotAsk(method) });
        }
    }

    private receiveAnswer({ id, result, error }: JsonObject): void {
        if (isObject(error)) {
            this.calls.answer(id, { error: error as unknown as RpcError });
        } else {
            this.calls.answer(id, { result: isObject(result) ? result : {} });
        }
    }

    private receiveNotification(method: string, params: JsonObject | undefined): void {
        if (method === "notifications/progress") {
            this.calls.progress(params);
        } else if (listChanges.includes(method)) {
            this.emit("listChanged", method);
        }
    }

    private refuseOversize(head: string, tail: string): void {
        const message = `the server's answer is longer than ${this.args.lineLimit} bytes`;
        const error = { code: errorCodes.internalError, message };
        this.calls.answer(findAnswerId(head, tail), { error });
        this.args.log("error", "line too long", { limit: this.args.lineLimit });
    }
}

/** Why a server's own request is refused: nothing tells which of its clients it means. */
function cannotAsk(method: string): RpcError {
    const message = `'${method}' cannot be forwarded: this server is shared by many clients`;
    return { code: errorCodes.methodNotFound, message };
}
