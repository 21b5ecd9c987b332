import { parseOutputs } from "../verify/outputs.ts";
import { verifyStack } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { EngineOutput } from "./engineOutput.ts";
import { runScript } from "./script.ts";
import { describeCommand } from "./commands.ts";
import { openStack, readOutputs } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run up -- [--refresh] ${targetUsage}`, {
        ...targetOptions,
        // Puts back what was changed or removed by hand, of which the state knows nothing.
        refresh: { type: "boolean", default: false },
    });
    const target = await prepareTarget(values);
    const { stack, close } = await openStack(target);
    try {
        console.log(`\npulumi up of stack '${stack.name}'`);
        await stack.up({
            refresh: values.refresh,
            onOutput: new EngineOutput().write,
            color: "auto",
            // Certificates and configuration texts would fill the screen; `npm run outputs` has them.
            suppressOutputs: true,
        });
        const outputs = parseOutputs(await readOutputs(stack));
        console.log("\ncalling every server through its public URL");
        await verifyStack(outputs);
        const next = [
            describeCommand("connect", values, "CLIENT", "[SERVER]"),
            describeCommand("token", values, "CLIENT"),
            describeCommand("down", values),
        ];
        console.log(`\nnext: ${next.join(", ")}`);
    } finally {
        await close();
    }
});
