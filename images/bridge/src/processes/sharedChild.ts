// Over 200 lines because start, restart and end of the one process that all share are one state.
import { EventEmitter } from "node:events";
import type { RequestId } from "../json/jsonRpc.ts";
import { Connection } from "../stdio/connection.ts";
import type { ConnectionHandlers } from "../stdio/connectionHandlers.ts";
import { describeExit } from "../stdio/describeExit.ts";
import {
    discover,
    initialize,
    isFailure,
    sharedInitializeParams,
    type ServerDescription,
} from "../stdio/handshake.ts";
import type { LaunchArgs } from "../stdio/launchArgs.ts";
import { Liveness } from "./liveness.ts";
import { refuseUndeclared } from "../stdio/clientRequests.ts";
import { RestartPolicy } from "./restartPolicy.ts";
import type { ProcessExit } from "../stdio/serverProcess.ts";
import type { ChildEvents, NotificationSource } from "./notificationSource.ts";

export interface SharedChildArgs {
    launch: LaunchArgs;
    /** Era to speak; `auto` takes what the server answers to, the earlier one first. */
    protocol: "auto" | "2025-11-25" | "2026-07-28";
    /** Longest time the handshake may take, in milliseconds. */
    startLimit: number;
    /** Time in which an idle server must answer a ping, in milliseconds; 0 never asks. */
    pingLimit: number;
    /** Whether it is an attempt, whose failure is no fault. */
    attempt?: boolean;
}

const listChanges = ["tools", "prompts", "resources"].map(
    (kind) => `notifications/${kind}/list_changed`,
);

/**
 * One process of the server, shared by many callers: started, initialised once, restarted when it dies. What cannot be
 * attributed to a caller (its log messages, its own requests) goes no further than here.
 */
export class SharedChild extends EventEmitter<ChildEvents> implements NotificationSource {
    private readonly args: SharedChildArgs;
    private readonly policy = new RestartPolicy();
    private readonly liveness: Liveness;
    private open: Connection | undefined;
    private restart: NodeJS.Timeout | undefined;
    private current: ServerDescription | undefined;
    private refusal = false;
    private readySince = 0;
    private starts = 0;
    private stopping = false;

    constructor(args: SharedChildArgs) {
        super();
        // Every waiting call listens for "ready"; their number is bounded by the limit of calls in flight.
        this.setMaxListeners(0);
        this.args = args;
        this.liveness = new Liveness(args.pingLimit, args.launch.log);
    }

    /** What the running server said in its handshake; undefined while there is none. */
    get description(): ServerDescription | undefined {
        return this.current;
    }

    /** The running process; only to be called while there is a description. */
    get connection(): Connection {
        if (this.open === undefined) {
            throw new Error("the server is not running");
        }
        return this.open;
    }

    /** Whether the server itself said that it does not speak the era; false when it ended before it said anything. */
    get declined(): boolean {
        return this.refusal;
    }

    /** Whether the server dies again and again. */
    get looping(): boolean {
        return this.policy.isLooping(this.description !== undefined);
    }

    /** How often the server was started again. */
    get restarts(): number {
        return Math.max(0, this.starts - 1);
    }

    /** Calls the server has not answered. */
    get openCalls(): number {
        return this.open?.openCalls ?? 0;
    }

    /** Id of the server's process and of its group. */
    get pid(): number | undefined {
        return this.open?.pid;
    }

    /** Starts the server and its handshake. */
    start(): void {
        this.starts++;
        const connection = new Connection(this.args.launch);
        this.open = connection;
        connection.handlers = {
            onNotification: (method, params) => {
                dropUnattributed(connection, method);
                this.emit("notification", method, params);
            },
            onRequest: (id, method) => refuseRequest(connection, id, method),
            onExit: (exit) => this.handleExit(exit),
        };
        void this.shakeHands(connection);
    }

    /** The server's description, as soon as it is ready; undefined when it is not within `limit` milliseconds. */
    async describe(limit: number): Promise<ServerDescription | undefined> {
        if (this.current) {
            return this.current;
        }
        return await new Promise((resolve) => {
            const settle = (description?: ServerDescription): void => {
                clearTimeout(timer);
                this.off("ready", settle);
                resolve(description);
            };
            const timer = setTimeout(settle, limit);
            this.on("ready", settle);
        });
    }

    /** Ends the server and fails the calls that are left. */
    async stop(): Promise<void> {
        this.stopping = true;
        this.liveness.stop();
        clearTimeout(this.restart);
        await this.open?.stop();
    }

    /** How long the running process is ready, in milliseconds; 0 while it is not. */
    private get readyFor(): number {
        return this.current ? Date.now() - this.readySince : 0;
    }

    private async shakeHands(connection: Connection): Promise<void> {
        const { protocol, startLimit, launch } = this.args;
        let description =
            protocol === "2026-07-28"
                ? await discover(connection, startLimit)
                : await initialize(connection, sharedInitializeParams, startLimit);
        if (isFailure(description) && protocol === "auto" && !connection.over) {
            const found = await discover(connection, startLimit);
            description = isFailure(found) ? description : found;
        }
        if (connection.over) {
            return;
        }
        if (isFailure(description)) {
            const { reason, answered } = description;
            this.refusal = answered;
            const level = this.args.attempt === true ? "debug" : "error";
            launch.log(level, "handshake failed", { reason: `the server ${reason}` });
            connection.kill();
            return;
        }
        this.current = description;
        this.readySince = Date.now();
        launch.log("info", "server ready", {
            pid: this.pid,
            protocolVersion: description.protocolVersion,
            ...description.serverInfo,
        });
        this.liveness.watch(connection, description.era);
        this.emit("ready", description);
        if (this.starts > 1) {
            listChanges.forEach((method) => this.emit("notification", method, undefined));
        }
    }

    private handleExit(exit: ProcessExit): void {
        const { readyFor } = this;
        this.liveness.stop();
        this.current = undefined;
        this.open = undefined;
        this.emit("ended", exit);
        if (this.stopping || (this.args.attempt === true && this.readySince === 0)) {
            return;
        }
        const pause = this.policy.noteExit(readyFor);
        const { command, log } = this.args.launch;
        const hint = readyFor === 0 ? `; is '${command[0]}' a stdio MCP server?` : "";
        log("error", "server ended", {
            reason: `the server ${describeExit(exit)}${hint}`,
            restartInMs: pause,
        });
        this.restart = setTimeout(() => this.start(), pause);
    }
}

/** For a process whose clients it cannot ask, nor tell anything: nothing says which of them it means, or they take nothing. */
export function rejectServerRequests(
    connection: Connection,
    onExit: ConnectionHandlers["onExit"],
): ConnectionHandlers {
    return {
        onNotification: (method) => dropUnattributed(connection, method),
        onRequest: (id, method) => refuseRequest(connection, id, method),
        onExit,
    };
}

/** Counts what nothing says of whom it is for. */
function dropUnattributed(connection: Connection, method: string): void {
    if (method === "notifications/message") {
        connection.drop("log");
    } else if (method === "notifications/progress") {
        connection.drop("progress");
    }
}

function refuseRequest(connection: Connection, id: RequestId, method: string): void {
    connection.answer(id, { error: refuseUndeclared(method) });
}
