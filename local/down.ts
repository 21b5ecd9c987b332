import { readArguments } from "./arguments.ts";
import { platformRuns, removePlatform } from "./platform.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";
import type { Target } from "./target.ts";

async function destroyStack(target: Target): Promise<void> {
    const { stack, close } = await openStack(await prepareTarget(target));
    try {
        await stack.destroy({
            onOutput: (text) => process.stdout.write(text),
            color: "auto",
        });
    } finally {
        await close();
    }
}

await runScript(async () => {
    const { values } = readArguments(`npm run down -- [--platform] ${targetUsage}`, {
        ...targetOptions,
        platform: { type: "boolean", default: false },
    });
    const embedded = values.stack === "dev" && values.context === undefined;
    if (values.platform && !embedded) {
        throw new Error(
            "--platform: removes the embedded platform, so it goes without --context and --stack",
        );
    }
    // A platform that is down holds nothing of the stack that would outlive it: starting it only to destroy is no use.
    if (!values.platform || (await platformRuns())) await destroyStack(values);
    if (values.platform) await removePlatform();
});
