import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { paths } from "./paths.ts";

/** What a step writes its details to, and how it runs programs. */
export interface StepLog {
    file: string;
    write: (text: string) => void;
    /** Runs a program without a shell, its output in the log; gives its standard output. */
    run: (command: string, args: string[], options?: RunOptions) => Promise<string>;
}

export interface RunOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    /** Text for the program's standard input. */
    input?: string;
}

/** A step that failed: what, the end of its log, and how to go on. */
export class StepError extends Error {}

const longMs = 10_000;

/**
 * Runs one step of a long piece of work and shows that it runs, how long it takes and where its log is.
 *
 * A step that takes longer than 10 s says so at once and every 30 s. When it fails, the error has the last lines of the
 * log; everything done before stays, so the same command goes on from here.
 */
export async function step<T>(title: string, body: (log: StepLog) => Promise<T>): Promise<T> {
    const log = openLog(title);
    const started = Date.now();
    const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
    const announce = setTimeout(() => console.log(`… ${title}  (log: ${log.file})`), longMs);
    const remind = setInterval(() => console.log(`… ${title}  ${elapsed()}`), 3 * longMs);
    try {
        const result = await body(log);
        console.log(`✔ ${title}  ${elapsed()}  (log: ${log.file})`);
        return result;
    } catch (error) {
        const message = (error as Error).message;
        const end = lastLines(log.file);
        log.write(`${(error as Error).stack ?? message}\n`);
        if (error instanceof StepError) throw error;
        throw new StepError(
            [
                `✖ ${title} failed after ${elapsed()}: ${message}`,
                `last lines of ${log.file}:`,
                ...end,
                "when the cause is mended, run the same command again: it goes on where it stopped",
            ].join("\n"),
            { cause: error },
        );
    } finally {
        clearTimeout(announce);
        clearInterval(remind);
        log.close();
    }
}

/** The last 15 lines of a log, indented; nothing where there is no log. */
export function lastLines(file: string): string[] {
    try {
        const lines = readFileSync(file, "utf8").trimEnd().split("\n");
        return lines.slice(-15).map((line) => `    ${line}`);
    } catch {
        return [];
    }
}

function openLog(title: string): StepLog & { close(): void } {
    mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const file = join(paths.logs, `${name}.log`);
    const descriptor = openSync(file, "w", 0o600);
    let open = true;
    // Written at once: the last lines are what a failure shows.
    const write = (text: string) => void (open && writeSync(descriptor, text));
    return {
        file,
        write,
        run: (command, args, options) => run(write, command, args, options),
        close: () => {
            open = false;
            closeSync(descriptor);
        },
    };
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
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            output += text;
            write(text);
        });
        child.stderr.setEncoding("utf8").on("data", write);
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === 0) resolve(output);
            else reject(new Error(`${command} ended with ${signal ?? `code ${code}`}`));
        });
        child.stdin.on("error", () => undefined).end(input);
    });
}
