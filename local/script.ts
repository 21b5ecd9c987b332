import { InterruptedError } from "./engineCommand.ts";
import { describeError } from "./engineOutput.ts";

/**
 * Runs the body of a script. An error prints its message without a stack trace and sets exit code 1, or 130 after Ctrl-C. `SLIPWAY_DEBUG=1`
 * prints the stack trace too.
 */
export async function runScript(body: () => Promise<void>): Promise<void> {
    try {
        await body();
        process.exitCode = 0;
    } catch (error) {
        console.error(`\n${describeError(error)}`);
        if (process.env["SLIPWAY_DEBUG"] === "1") console.error((error as Error).stack);
        // As a shell tells a command that Ctrl-C ended.
        process.exitCode = error instanceof InterruptedError ? 130 : 1;
    }
}
