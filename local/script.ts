import { describeError } from "./engineOutput.ts";

/**
 * Runs the body of a script. An error prints its message without a stack trace and sets exit code 1. `SLIPWAY_DEBUG=1`
 * prints the stack trace too.
 */
export async function runScript(body: () => Promise<void>): Promise<void> {
    try {
        await body();
        process.exitCode = 0;
    } catch (error) {
        console.error(`\n${describeError(error)}`);
        if (process.env["SLIPWAY_DEBUG"] === "1") console.error((error as Error).stack);
        process.exitCode = 1;
    }
}
