/**
 * Runs the body of a script. An error prints its message without a stack trace and sets exit code 1. `SLIPWAY_DEBUG=1`
 * prints the stack trace too.
 */
export async function runScript(body: () => Promise<void>): Promise<void> {
    try {
        await body();
        process.exitCode = 0;
    } catch (error) {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        console.error(`\n${message}`);
        if (process.env["SLIPWAY_DEBUG"] === "1") console.error(stack);
        process.exitCode = 1;
    }
}
