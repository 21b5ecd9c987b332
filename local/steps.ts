import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { canRedraw, showLine } from "./liveLines.ts";
import { paths } from "./paths.ts";
import { findFullDisks, findRepair } from "./repairs.ts";

/** The log of a step, and how the step runs programs. */
export interface StepLog {
    file: string;
    write: (text: string) => void;
    /** Runs a program without a shell and logs its output. Returns its standard output. */
    run: (command: string, args: string[], options?: RunOptions) => Promise<string>;
}

export interface RunOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    /** Text for the program's standard input. */
    input?: string;
}

/** A failed step: its title and cause, the end of its log, and how to go on. */
export class StepError extends Error {}

/** A program was terminated because another one had failed. */
class EndedError extends Error {}

const longMs = 10_000;

/** Current waits of a step, in the order they began. */
type Waits = Set<() => string>;

interface CurrentStep {
    title: string;
    log: StepLog;
    waits: Waits;
}

const current = new AsyncLocalStorage<CurrentStep>();

/**
 * Runs one step of a long task, and shows its state, its duration and the path of its log.
 *
 * On a terminal a running step has a line with its duration and its current wait. Elsewhere a step prints such a line
 * after 10 s and then every 30 s. On failure the error has the last lines of the log; finished steps are kept, so the
 * same command continues from here.
 */
export async function step<T>(title: string, body: (log: StepLog) => Promise<T>): Promise<T> {
    const log = openLog(title);
    const started = Date.now();
    const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
    const waits: Waits = new Set();
    const endProgress = showProgress(title, log.file, elapsed, waits);
    try {
        const work = current.run({ title, log, waits }, async () => body(log));
        const result = await work.finally(endProgress);
        console.log(`✔ ${title}  ${elapsed()}  (log: ${log.file})`);
        return result;
    } catch (error) {
        const { message, stack, cause } = error as Error;
        const said = lastLines(log.file);
        log.write(`failed: ${message}\n`);
        const written = said.length > 0 ? said : lastLines(log.file);
        const end = written.length > 0 ? written : ["    (it could not be written)"];
        log.write(`${stack}\n`);
        if (error instanceof StepError) throw error;
        // On a full disk the log lacks the program's message about it.
        const more = cause instanceof Error ? cause.message : "";
        const fullDisks = findFullDisks();
        const repair = findRepair([message, ...end, more, ...fullDisks].join("\n"));
        throw new StepError(
            [
                `✖ ${title} failed after ${elapsed()}: ${message}`,
                `last lines of ${log.file}:`,
                ...end,
                ...fullDisks,
                ...(repair === undefined ? [] : [`likely repair: ${repair}`]),
                "fix the cause and run the same command again; finished steps are not repeated",
            ].join("\n"),
            { cause: error },
        );
    } finally {
        log.close();
    }
}

/**
 * Shows that the current step waits for `what` while `wait` runs, and logs it. `tell` sets the state shown with it.
 *
 * Has no effect outside a step.
 */
export function waitingFor<T>(
    what: string,
    wait: (tell: (state: string) => void) => Promise<T>,
): Promise<T> {
    current.getStore()?.log.write(`waiting for ${what}\n`);
    return showWait(what, wait);
}

async function showWait<T>(
    what: string,
    wait: (tell: (state: string) => void) => Promise<T>,
): Promise<T> {
    const waits = current.getStore()?.waits;
    let text = what;
    const read = () => text;
    waits?.add(read);
    try {
        return await wait((state) => (text = state === "" ? what : `${what}: ${state}`));
    } finally {
        waits?.delete(read);
    }
}

/** Prints a line under the current step and logs it, such as the reason for a long wait. */
export function sayInStep(line: string): void {
    const { title, log } = current.getStore() ?? {};
    log?.write(`${line}\n`);
    console.log(`… ${title === undefined ? "" : `${title}: `}${plainLine(line)}`);
}

/** Shows a running step until the returned function is called. */
function showProgress(
    title: string,
    logFile: string,
    elapsed: () => string,
    waits: Waits,
): () => void {
    const describe = () => {
        const texts = [...waits].map((read) => read());
        return texts.length === 0 ? "" : `  waiting for ${plainLine(texts.join(", "))}`;
    };
    if (canRedraw()) return showLine(() => `… ${title}  ${elapsed()}${describe()}`);
    const say = (text: string) => console.log(`… ${title}  ${text}${describe()}`);
    const announce = setTimeout(() => say(`(log: ${logFile})`), longMs);
    const remind = setInterval(() => say(elapsed()), 3 * longMs);
    return () => {
        clearTimeout(announce);
        clearInterval(remind);
    };
}

/** Reduces a text to one line without control characters, so that output of programs cannot move the cursor. */
function plainLine(text: string): string {
    return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, " ");
}

/** The last 15 non-blank lines of a log, indented; empty when there is no log. */
export function lastLines(file: string): string[] {
    try {
        const lines = readFileSync(file, "utf8").split("\n");
        const said = lines.filter((line) => line.trim() !== "");
        return said.slice(-15).map((line) => `    ${line}`);
    } catch {
        return [];
    }
}

function openLog(title: string): StepLog & { close(): void } {
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const file = join(paths.logs, `${name}.log`);
    const descriptor = openFile(file);
    let open = true;
    // Synchronous, because a failure shows the last lines.
    const write = (text: string) => {
        if (!open) return;
        try {
            writeSync(descriptor, text);
        } catch {
            // On a full disk, the step's own error is the one to report.
        }
    };
    return {
        file,
        write,
        run: (command, args, options) =>
            showWait(describeCommand(command, args), () => run(write, command, args, options)),
        close: () => {
            open = false;
            closeSync(descriptor);
        },
    };
}

function openFile(file: string): number {
    try {
        mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
        return openSync(file, "w", 0o600);
    } catch (error) {
        const { message } = error as Error;
        const repair =
            findRepair(message) ?? `make '${paths.logs}' a directory that can be written`;
        throw new StepError(`log '${file}': cannot be written (${message}); ${repair}`, {
            cause: error,
        });
    }
}

/** A program and its subcommand, such as `apt-get install`. */
function describeCommand(command: string, [task = ""]: string[]): string {
    return /^[a-z]+$/.test(task) ? `${basename(command)} ${task}` : basename(command);
}

const programs = new Set<ChildProcess>();
const ended = new WeakSet<ChildProcess>();

/**
 * Returns both results. When one fails, the programs of the other are terminated, so that none continues in the
 * background. The error is the original failure, not that of a terminated program, even if that one rejects first.
 */
export async function allOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
    try {
        return await Promise.all([first, second]);
    } catch (error) {
        endPrograms();
        const outcomes = await Promise.allSettled([first, second]);
        const reasons = outcomes.flatMap((one) =>
            one.status === "rejected" ? [one.reason as unknown] : [],
        );
        throw reasons.find((reason) => !isConsequence(reason)) ?? error;
    }
}

/** Terminates the running programs of all steps, which makes these steps fail. */
function endPrograms(): void {
    for (const program of programs) {
        ended.add(program);
        program.kill("SIGTERM");
    }
}

function isConsequence(error: unknown): boolean {
    return error instanceof EndedError || (error instanceof Error && isConsequence(error.cause));
}

function run(
    write: (text: string) => void,
    command: string,
    args: string[],
    { cwd, env, input }: RunOptions = {},
): Promise<string> {
    write(`$ ${[command, ...args].join(" ")}\n`);
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
        programs.add(child);
        child.on("close", () => programs.delete(child));
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            output += text;
            write(text);
        });
        let errors = "";
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            errors = (errors + text).slice(-4096);
            write(text);
        });
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === 0) resolve(output);
            else {
                const text = `${command} ended with ${signal ?? `code ${code}`}`;
                const Failure = ended.has(child) ? EndedError : Error;
                reject(new Failure(text, { cause: new Error(errors.trim()) }));
            }
        });
        child.stdin.on("error", () => undefined).end(input);
    });
}
