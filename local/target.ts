import { ensurePlatform } from "./platform.ts";
import { useExistingCluster } from "./existingCluster.ts";
import { devStateDirectory } from "./paths.ts";
import type { StackOptions } from "./stack.ts";

/** Command-line options of all scripts that deploy. */
export const targetOptions = {
    context: { type: "string" },
    stack: { type: "string", default: "dev" },
} as const;

export const targetUsage = "[--context NAME] [--stack NAME]";

/** Target of a script: a stack, and a context of the caller's kubeconfig or else the embedded platform. */
export interface Target {
    stack: string;
    context?: string;
}

/**
 * Prepares the target of a deployment and returns how to reach it.
 *
 * The dev stack without a context uses the embedded platform, which is started. Every other stack uses the cluster,
 * registry and Keycloak that its configuration and the caller's environment name.
 */
export async function prepareTarget({ stack, context }: Target): Promise<StackOptions> {
    const located = locateTarget({ stack, context });
    if (context !== undefined) {
        return { ...located, environment: await useExistingCluster(context) };
    }
    if (stack !== "dev") return located;
    return { ...located, environment: (await ensurePlatform()).environment };
}

/** Locates the state of a target for scripts that only read it; starts and checks nothing. */
export function locateTarget({ stack, context }: Target): StackOptions {
    const stateDirectory = stack === "dev" ? devStateDirectory(context) : undefined;
    return { name: stack, environment: {}, stateDirectory };
}
