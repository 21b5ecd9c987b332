import { execFile } from "node:child_process";
import { promisify } from "node:util";

const longestOutput = 64 * 1024 * 1024;

/** Runs a program and returns its output. Rejects with the last lines of its standard error. */
export async function runProgram(
    program: string,
    args: string[],
    directory?: string,
): Promise<string> {
    try {
        const options = { cwd: directory, maxBuffer: longestOutput };
        const { stdout } = await promisify(execFile)(program, args, options);
        return stdout;
    } catch (error) {
        const {
            code,
            stderr = "",
            message,
        } = error as { code?: unknown } & Error & {
                stderr?: string;
            };
        const reason = code === "ENOENT" ? "is not on the PATH" : lastLines(stderr) || message;
        throw new Error(`${program}: ${reason}`, { cause: error });
    }
}

function lastLines(text: string): string {
    return text.trim().split("\n").slice(-12).join("\n");
}
