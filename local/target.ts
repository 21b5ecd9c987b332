import { ensurePlatform } from "./platform.ts";
import { useExistingCluster } from "./existingCluster.ts";
import { devStateDirectory } from "./paths.ts";
import type { StackOptions } from "./stack.ts";

/** What every script that deploys takes on its command line. */
export const targetOptions = {
    context: { type: "string" },
    stack: { type: "string", default: "dev" },
} as const;

export const targetUsage = "[--context NAME] [--stack NAME]";

/** Where a script works: a stack, and a context of the caller's kubeconfig or else the embedded platform. */
export interface Target {
    stack: string;
    context?: string;
}

/**
 * Makes ready what the stack is deployed to and says how to reach it.
 *
 * The dev stack without a context is the embedded platform's, which is brought up. Every other stack uses the cluster,
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

/** Where the state of a target is, for scripts that only read it: nothing is started or checked. */
export function locateTarget({ stack, context }: Target): StackOptions {
    const stateDirectory = stack === "dev" ? devStateDirectory(context) : undefined;
    return { name: stack, environment: {}, stateDirectory };
}
