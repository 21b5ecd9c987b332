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
    // When the platform is down, none of the stack's resources outlive it: do not start it only to destroy the stack.
    if (!values.platform || (await platformRuns())) await destroyStack(values);
    if (values.platform) await removePlatform();
});
