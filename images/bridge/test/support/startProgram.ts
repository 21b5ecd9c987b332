import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";

let directory: string | undefined;

/** Bundles the programs once, as the image does, and gives their directory. */
export function bundlePrograms(): string {
    if (directory === undefined) {
        directory = mkdtempSync(join(tmpdir(), "slipway-bridge-"));
        const cwd = fileURLToPath(new URL("../..", import.meta.url));
        execFileSync(process.execPath, ["build.ts", directory], { cwd });
    }
    return directory;
}

/** A program of the image, running. */
export interface RunningProgram {
    pid: number;
    /** Lines of its log so far. */
    log: Record<string, unknown>[];
    /** All it wrote, for programs that end. */
    output(): string;
    /** Resolves with its exit code. */
    ended: Promise<number | null>;
}

/**
 * Runs a bundled program in a directory without dependencies.
 *
 * @param descriptors files and connections it may have open at once
 */
export function startProgram(
    program: "bridge" | "verifier",
    args: string[],
    environment: Record<string, string> = {},
    descriptors?: number,
): RunningProgram {
    const file = join(bundlePrograms(), `${program}.cjs`);
    const limit = descriptors === undefined ? "" : `ulimit -n ${descriptors}; `;
    const shell = ["-c", `${limit}exec "$0" "$@"`, process.execPath];
    const child = spawn("sh", [...shell, file, ...args], {
        cwd: tmpdir(),
        env: { PATH: process.env.PATH, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const log: Record<string, unknown>[] = [];
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
            output += text;
            const complete = output.slice(0, output.lastIndexOf("\n")).split("\n");
            log.splice(0, log.length, ...complete.filter(isJson).map((line) => JSON.parse(line)));
        });
    }
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { pid: child.pid ?? 0, log, output: () => output, ended };
}

function isJson(line: string): boolean {
    return line.startsWith("{") && line.endsWith("}");
}
