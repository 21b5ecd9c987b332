import { readArguments } from "./arguments.ts";
import { showEngine } from "./engineOutput.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run refresh -- ${targetUsage}`, targetOptions);
    const { stack, close } = await openStack(await prepareTarget(values));
    try {
        await stack.refresh(showEngine());
    } finally {
        await close();
    }
});
