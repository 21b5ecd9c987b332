import { rm } from "node:fs/promises";

import { readArguments } from "./arguments.ts";
import type { Target } from "./commands.ts";
import { releasePlace } from "./embedded/claimPlace.ts";
import { showEngine } from "./engineOutput.ts";
import { platformRuns, removePlatform } from "./platform.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { isEmbedded, prepareTarget, targetOptions, targetUsage } from "./target.ts";

/** Destroys what the stack deployed; with `remove`, its state and its secrets are gone too, and its file is left. */
async function destroyStack(target: Target, remove: boolean): Promise<void> {
    const options = await prepareTarget(target);
    const { stack, close } = await openStack(options);
    try {
        await stack.destroy(showEngine());
        if (remove) await stack.workspace.removeStack(stack.name, { preserveConfig: true });
        const { stateDirectory } = options;
        if (isEmbedded(target) && stateDirectory !== undefined) {
            await releasePlace(stateDirectory);
        }
        if (remove && stateDirectory !== undefined) await rm(stateDirectory, { recursive: true });
    } finally {
        await close();
    }
}

await runScript(async () => {
    const { values } = readArguments(`npm run down -- [--remove] [--platform] ${targetUsage}`, {
        ...targetOptions,
        remove: { type: "boolean", default: false },
        platform: { type: "boolean", default: false },
    });
    const embedded = values.stack === "dev" && values.context === undefined;
    if (values.platform && !embedded) {
        throw new Error(
            "--platform: removes the embedded platform, so it goes without --context and --stack",
        );
    }
    // When the platform is down, none of the stack's resources outlive it: do not start it only to destroy the stack.
    if (!values.platform || (await platformRuns())) await destroyStack(values, values.remove);
    if (values.platform) await removePlatform();
});
