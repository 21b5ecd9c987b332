/**
 * Runs the body of a script: a failure is its message, not a stack trace, and ends the process with 1.
 * `SLIPWAY_DEBUG=1` prints the stack trace too.
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
