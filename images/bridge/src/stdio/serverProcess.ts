import { spawn, type ChildProcessByStdio } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";
import { largeText, type Text } from "../json/text.ts";
import type { LaunchArgs } from "./launchArgs.ts";
import { LineSplitter, type LineHandlers } from "./lineSplitter.ts";

/** How a process ended. */
export interface ProcessExit {
    code: number | null;
    signal: NodeJS.Signals | null;
    /** Why it never started, when it did not. */
    startError?: string;
}

export interface ServerProcessArgs extends Omit<LaunchArgs, "log" | "childLog"> {
    stdout: LineHandlers;
    /** A line of stderr, cut to 8 KiB. */
    onStderr(line: string): void;
    /** Called once, after the last line. */
    onExit(exit: ProcessExit): void;
}

const stderrLimit = 8 * 1024;
/** Time a server has after the end of its input, and again after SIGTERM, in milliseconds. */
const patience = 3000;
/** Time in which buffered output of a process that exited may still arrive, in milliseconds. */
const lastWords = 200;

/** Processes that run. They are in groups of their own, so nothing else would end them with a bridge that exits early. */
const running = new Set<ServerProcess>();
process.once("exit", () => running.forEach((server) => server.kill()));

/** A stdio server in a process group of its own, so that whatever it starts ends with it. */
export class ServerProcess {
    /** Undefined for a process that never started. */
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
    private readonly ended: Promise<void>;
    private over = false;
    /** Lines not yet written. */
    private gathered = "";
    /** Lines not yet written, and those that were written together before them. */
    private count = 0;
    private lastCount = 0;
    private readonly flush = (): void => {
        const text = this.gathered;
        this.gathered = "";
        this.lastCount = this.count;
        this.count = 0;
        if (text !== "" && this.child?.stdin.writable === true) {
            this.child.stdin.write(text);
        }
    };

    constructor(args: ServerProcessArgs) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.ended = promise;
        const finish = (exit: ProcessExit): void => {
            if (!this.over) {
                this.signalGroup("SIGKILL");
                this.over = true;
                running.delete(this);
                resolve();
                args.onExit(exit);
            }
        };
        const fail = (error: unknown): void =>
            finish({ code: null, signal: null, startError: (error as Error).message });
        let child: ChildProcessByStdio<Writable, Readable, Readable>;
        try {
            const [program = "", ...rest] = args.command;
            child = spawn(program, rest, {
                env: args.readEnvironment(),
                detached: true,
                stdio: ["pipe", "pipe", "pipe"],
            });
        } catch (error) {
            // A file of the environment is missing, or the system takes no such command. Told later, like other failures.
            setImmediate(fail, error);
            return;
        }
        child.once("error", fail);
        if ((child.stdin as Writable | undefined) === undefined) {
            // Too many open files: there are no pipes, and "error" follows.
            return;
        }
        this.child = child;
        running.add(this);

        const stdout = new LineSplitter(args.lineLimit, args.stdout);
        child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
        const stderr = new LineSplitter(stderrLimit, {
            onLine: (line) => args.onStderr(line.toString("utf8")),
            onOversize: (head) => args.onStderr(`${head} …`),
        });
        child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
        // A server that closed its input or output but runs on can never answer again. One that is exiting has the
        // time to do so and be seen with its own exit code.
        const killLater = (): void => void setTimeout(() => this.kill(), lastWords).unref();
        child.stdin.on("error", killLater);
        child.stdout.once("end", killLater);

        // "close" never comes while a grandchild holds the pipe.
        child.once("exit", (code, signal) => {
            const timer = setTimeout(() => finish({ code, signal }), lastWords);
            child.once("close", () => {
                clearTimeout(timer);
                finish({ code, signal });
            });
        });
    }

    /** Id of the process, which is also the id of its group. */
    get pid(): number | undefined {
        return this.child?.pid;
    }

    /** Bytes written that the server has not read yet. */
    get unreadBytes(): number {
        return (this.child?.stdin.writableLength ?? 0) + this.gathered.length;
    }

    /**
     * Writes one line, together with all others of this turn of the event loop: what many clients sent at once costs the
     * bridge one write, and the server one read.
     *
     * @param alone whether no other is likely to come in this turn; then it does not wait for the end of it, unless others
     * did come the last time
     */
    send(line: Text, alone: boolean): void {
        if (this.over || this.child?.stdin.writable !== true) {
            return;
        }
        if (typeof line !== "string" || line.length > largeText) {
            this.flush();
            const { stdin } = this.child;
            stdin.cork();
            for (const part of typeof line === "string" ? [line] : line) {
                stdin.write(part);
            }
            stdin.write("\n");
            stdin.uncork();
            return;
        }
        if (this.gathered === "") {
            if (alone && this.lastCount < 2) {
                this.child.stdin.write(`${line}\n`);
                return;
            }
            setImmediate(this.flush);
        }
        this.gathered += `${line}\n`;
        this.count++;
    }

    /** Ends the process and its group: end of input, then SIGTERM, then SIGKILL. Resolves when it is gone. */
    async stop(): Promise<void> {
        this.flush();
        this.child?.stdin.end();
        for (const signal of ["SIGTERM", "SIGKILL"] as const) {
            await Promise.race([this.ended, delay(patience, undefined, { ref: false })]);
            if (this.over) {
                return;
            }
            this.signalGroup(signal);
        }
        await this.ended;
    }

    /** Ends the process and its group at once. */
    kill(): void {
        this.signalGroup("SIGKILL");
    }

    private signalGroup(signal: NodeJS.Signals): void {
        const { pid } = this;
        if (pid === undefined || this.over) {
            return;
        }
        try {
            process.kill(-pid, signal);
        } catch (error) {
            // ESRCH: the whole group is gone, which is what was wanted.
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
                throw error;
            }
        }
    }
}
