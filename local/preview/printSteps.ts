/** Prints the steps of a preview as one line of JSON, the last one; its argument is the stack, as JSON. */
import { runScript } from "../script.ts";
import { openStack, type StackOptions } from "../stack.ts";
import { listSteps } from "./steps.ts";

await runScript(async () => {
    const { stack, close } = await openStack(JSON.parse(process.argv[2] ?? "{}") as StackOptions);
    try {
        console.log(`\n${JSON.stringify(await listSteps(stack))}`);
    } finally {
        await close();
    }
});
