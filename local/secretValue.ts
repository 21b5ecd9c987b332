import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { openConfiguration, type StackOptions } from "./stack.ts";

/**
 * Sets a secret of a stack, encrypted: in the state of a stack with a local backend, whose file is not written, and in the
 * file of any other.
 *
 * Throws when the value is empty.
 */
export async function setSecret(options: StackOptions, key: string, value: string): Promise<void> {
    if (value === "") throw new Error(`${key}: must have a value on standard input, got none`);
    const { directory, environment, command } = await openConfiguration(options);
    // The SDK passes the value as an argument, which the list of processes shows.
    const args = ["config", "set", "--secret", "--stack", options.name, key];
    const child = spawn(command, args, {
        cwd: directory,
        env: { ...process.env, ...environment },
        stdio: ["pipe", "ignore", "pipe"],
    });
    child.stdin.on("error", () => undefined).end(value);
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject).on("close", resolve);
    });
    const errors = await text(child.stderr);
    if ((await ended) !== 0) throw new Error(`${key}: cannot be set: ${errors.trim()}`);
}
