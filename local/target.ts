import type { Target } from "./commands.ts";
import { checkPlace, claimPlace, tellSharing } from "./embedded/claimPlace.ts";
import { completeConfig, findOwnParts } from "./embedded/embeddedConfig.ts";
import { findPlace } from "./embedded/places.ts";
import { readStackFile, type StackConfiguration } from "./embedded/stackFile.ts";
import { useExistingCluster } from "./existingCluster.ts";
import { devStateDirectory, embeddedStateDirectory } from "./paths.ts";
import { ensurePlatform } from "./platform.ts";
import { projectRoot, type StackOptions } from "./stack.ts";

/** Command-line options of all scripts that deploy. */
export const targetOptions = {
    context: { type: "string" },
    stack: { type: "string", default: "dev" },
} as const;

export const targetUsage = "[--context NAME] [--stack NAME]";

/**
 * Prepares the target of a deployment and returns how to reach it.
 *
 * A stack whose file names no cluster, registry or Keycloak of its own uses the embedded platform, which is started, with a
 * namespace, a realm and a port for itself. Every other stack uses what its configuration and the caller's environment name.
 */
export async function prepareTarget(target: Target): Promise<StackOptions> {
    const located = locateTarget(target);
    const { stack, context } = target;
    if (context !== undefined) {
        return { ...located, environment: await useExistingCluster(context) };
    }
    if (!isEmbedded(target)) {
        const own = findOwnParts(readStackFile(projectRoot, stack)).join(", ");
        console.log(`stack '${stack}': not on the embedded platform, as its file names ${own}`);
        return located;
    }
    // The dev stack's place is its file's.
    if (stack === "dev") return { ...located, environment: (await ensurePlatform()).environment };
    const { config = {} } = readStackFile(projectRoot, stack);
    const stateDirectory = embeddedStateDirectory(stack);
    const wanted = { stack, stateDirectory, checkout: projectRoot, config };
    await checkPlace(wanted);
    const { environment, kubeconfig } = await ensurePlatform();
    const { port } = await claimPlace(wanted, kubeconfig);
    return { ...located, environment, embedded: { port } };
}

/** Locates the state of a target for scripts that only read it; starts and checks nothing. */
export function locateTarget(target: Target): StackOptions {
    const { stack, context } = target;
    const located = { name: stack, environment: {} };
    if (!isEmbedded(target)) {
        const stateDirectory = stack === "dev" ? devStateDirectory(context) : undefined;
        return { ...located, stateDirectory };
    }
    const stateDirectory = embeddedStateDirectory(stack);
    const place = findPlace(stateDirectory);
    tellSharing(place, projectRoot);
    // The dev stack's file is complete.
    const embedded = stack === "dev" ? undefined : { port: place?.port };
    return { ...located, stateDirectory, embedded };
}

/** Whether a target is the embedded platform: its file names nothing else. */
export function isEmbedded({ stack, context }: Target): boolean {
    if (context !== undefined) return false;
    return stack === "dev" || findOwnParts(readStackFile(projectRoot, stack)).length === 0;
}

/** Configuration of a target: that of its file, completed where it is deployed to the embedded platform. */
export function readConfiguration(target: Target): StackConfiguration {
    const { embedded } = locateTarget(target);
    const { config = {} } = readStackFile(projectRoot, target.stack);
    return embedded === undefined ? config : completeConfig(target.stack, config, embedded.port);
}
