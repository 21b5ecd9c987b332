import { spawn } from "node:child_process";
import type { SpawnOptions } from "node:child_process";

/**
 * Runs a program and returns its output, which is also printed, because it takes long. `watch` is called with the whole
 * output so far whenever there is more.
 */
export function runShown(
    command: string,
    args: string[],
    options: SpawnOptions,
    watch?: (output: string) => void,
): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                process.stdout.write(text);
                watch?.(output);
            });
        }
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, output }));
    });
}
