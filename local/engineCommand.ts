import {
    CommandError,
    type EngineEvent,
    type PulumiCommand,
} from "@pulumi/pulumi/automation/index.js";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";

/** The engine's commands that change or compare resources; they run for minutes. */
const operations = ["up", "destroy", "refresh", "preview"];

/** The method of the SDK's command that its types leave out. */
interface Runner {
    run(
        args: string[],
        cwd: string,
        environment: Record<string, string>,
        onOutput?: (text: string) => void,
        onError?: (text: string) => void,
        signal?: AbortSignal,
    ): Promise<{ stdout: string; stderr: string; code: number; err?: Error }>;
}

/** Given as `onOutput`, it gives the terminal to the engine, which draws its own display. */
export const drawOnTerminal = (): void => undefined;

/** Whether the engine was told to cancel by the terminal that it draws on, and not by this process. */
let cancelledByKey = false;

/** Notes that the engine cancels because of Ctrl-C: while it draws, it reads the terminal's keys and gets no signal. */
export function noteCancellation({ stdoutEvent }: EngineEvent): void {
    if (/\^C received; cancelling/.test(stdoutEvent?.message ?? "")) cancelledByKey = true;
}

/** An operation was ended by Ctrl-C or by SIGTERM. */
export class InterruptedError extends Error {}

/**
 * The engine's command, whose operations Ctrl-C cancels in the engine's way: what has begun ends, and the state is
 * written. A second Ctrl-C kills the engine.
 *
 * The engine runs in a process group of its own: a terminal would signal it as well, and it takes a second signal for the
 * order to stop at once.
 */
export function withInterrupts(
    command: PulumiCommand,
    print: (line: string) => void = console.error,
): PulumiCommand {
    const found = command as PulumiCommand & Runner;
    const run: Runner["run"] = async (args, cwd, environment, onOutput, onError, signal) => {
        if (!operations.includes(args[0] ?? "")) {
            return found.run(args, cwd, environment, onOutput, onError, signal);
        }
        const draws = onOutput === drawOnTerminal;
        cancelledByKey = false;
        const all = draws ? args : [...args, "--non-interactive"];
        const { PATH = "" } = { ...process.env, ...environment };
        const child = spawn(found.command, all, {
            cwd,
            detached: true,
            stdio: draws ? "inherit" : ["ignore", "pipe", "pipe"],
            env: {
                ...process.env,
                ...environment,
                PATH: [dirname(found.command), PATH].join(delimiter),
                PULUMI_AUTOMATION_API: "true",
            },
        });
        const output = { stdout: "", stderr: "" };
        child.stdout?.setEncoding("utf8").on("data", (text: string) => {
            output.stdout += text;
            onOutput?.(text);
        });
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
            output.stderr += text;
            onError?.(text);
        });
        const interrupts = passInterrupts(child, print);
        signal?.addEventListener("abort", () => child.kill("SIGINT"));
        try {
            const [code, ended] = (await once(child, "close")) as [number | null, string | null];
            if (interrupts.any() || cancelledByKey)
                throw new InterruptedError(
                    `pulumi ${args[0]}: interrupted; the state knows what was done, and the same command goes on from there`,
                );
            if (ended !== null) {
                throw new Error(
                    `pulumi ${args[0]}: the engine was ended by ${ended}; the same command cleans up and goes on`,
                );
            }
            if (code !== 0) throw failureOf(output, code ?? -2, [found.command, ...all].join(" "));
            return { ...output, code };
        } finally {
            interrupts.stop();
        }
    };
    return Object.assign(Object.create(found) as PulumiCommand, { run });
}

/** The SDK's error, whose constructor its types leave out. */
function failureOf(output: object, code: number, command: string): CommandError {
    const toString = () => `code ${code}: ${command}`;
    return Reflect.construct(CommandError, [
        { ...output, code, err: { command }, toString },
    ]) as CommandError;
}

/** Passes signals to this process on to the engine, which would not get them. */
function passInterrupts(child: ChildProcess, print: (line: string) => void) {
    let count = 0;
    const pass = (name: string) => () => {
        count += 1;
        if (count === 1) {
            print(
                `\n${name}: cancelling; what has begun is brought to its end, which may take a minute. Once more kills it.`,
            );
            child.kill("SIGINT");
        } else {
            print(`\n${name}: killed; the next command for this stack cleans up`);
            child.kill("SIGKILL");
        }
    };
    const handlers = { SIGINT: pass("Ctrl-C"), SIGTERM: pass("SIGTERM") };
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.on(signal, handlers[signal]);
    return {
        any: () => count > 0,
        stop: () => {
            for (const signal of signals) process.off(signal, handlers[signal]);
        },
    };
}
