import { readArguments } from "./arguments.ts";
import type { Target } from "./commands.ts";
import { releasePlace } from "./embedded/claimPlace.ts";
import { platformRuns, removePlatform } from "./platform.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { isEmbedded, prepareTarget, targetOptions, targetUsage } from "./target.ts";

async function destroyStack(target: Target): Promise<void> {
    const options = await prepareTarget(target);
    const { stack, close } = await openStack(options);
    try {
        await stack.destroy({
            onOutput: (text) => process.stdout.write(text),
            color: "auto",
        });
        const { stateDirectory } = options;
        if (isEmbedded(target) && stateDirectory !== undefined) {
            await releasePlace(stateDirectory);
        }
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
