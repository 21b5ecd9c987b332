import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run preview -- ${targetUsage}`, targetOptions);
    const { stack, close } = await openStack(await prepareTarget(values));
    try {
        await stack.preview({
            diff: true,
            onOutput: (text) => process.stdout.write(text),
            color: "auto",
        });
    } finally {
        await close();
    }
});
