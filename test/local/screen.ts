import xterm from "@xterm/headless";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const local = join(import.meta.dirname, "../../local");

export interface TerminalOptions {
    /**
     * Number of columns.
     *
     * @default 60
     */
    columns?: number;
    /**
     * What is typed at the first call of `mark()`, at the second, and so on.
     *
     * @default [] (nothing)
     */
    keys?: string[];
}

/**
 * Evaluates the source of a module on a pseudo-terminal of 12 rows. Returns the lines on its screen at every call of
 * `mark()` and at the end.
 *
 * In the source, `load("paths.ts")` imports a module of `local/`, and `pause(ms)` waits.
 */
export async function evaluateOnTerminal(
    text: string,
    variables: Record<string, string> = {},
    { columns = 60, keys = [] }: TerminalOptions = {},
): Promise<string[][]> {
    const home = await mkdtemp(join(tmpdir(), "slipway-home-"));
    const prologue = `
        const load = (name) => import(${JSON.stringify(local)} + "/" + name);
        const { setTimeout: pause } = await import("node:timers/promises");
        const write = process.stdout.write.bind(process.stdout);
        const mark = () => write("\\u0007");
    `;
    const program = join(home, "program.mjs");
    await writeFile(program, `${prologue}\n${text}`);
    const command = `stty cols ${columns} rows 12; exec '${process.execPath}' '${program}'`;
    const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm-256color", ...variables };
    const terminal = new xterm.Terminal({ cols: columns, rows: 12, allowProposedApi: true });
    const screens: string[][] = [];
    try {
        await new Promise<void>((resolve, reject) => {
            const child = spawn("script", ["-qec", command, "/dev/null"], {
                env,
                stdio: ["pipe", "pipe", "inherit"],
            });
            terminal.onBell(() => {
                const key = keys[screens.length];
                screens.push(readScreen(terminal));
                if (key !== undefined) child.stdin.write(key);
            });
            child.stdout.on("data", (chunk: Uint8Array) => terminal.write(chunk));
            child.on("error", reject);
            child.on("close", () => terminal.write("", resolve));
        });
        return [...screens, readScreen(terminal)];
    } finally {
        terminal.dispose();
        await rm(home, { recursive: true, force: true });
    }
}

function readScreen({ buffer }: xterm.Terminal): string[] {
    const lines = Array.from({ length: buffer.active.length }, (_, index) =>
        (buffer.active.getLine(index)?.translateToString(true) ?? "").trimEnd(),
    );
    return lines.filter((line) => line !== "");
}
