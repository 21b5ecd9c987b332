import { CoreV1Api } from "@kubernetes/client-node";
import { join } from "node:path";

import { writeConfiguration } from "../testRun/configuration.ts";
import { testRun } from "../testRun/testRun.ts";
import { changeStackFile, type Configuration, deployStack, type TestStack } from "./testStack.ts";

/** Servers of the dev stack that have all that a route can have: a prefix that stays, one that goes, open pages, a mount. */
const serverNames = ["add-numbers", "greet"];

/** An entry of the dev stack's servers, as far as it is changed. */
interface Entry {
    name: string;
    callers?: string[];
    mounts?: { name: string }[];
}

/**
 * Deploys a stack for one suite, named after it: two images of the dev stack, one pod each, with three servers, and the
 * client `agent` that may call all of them.
 *
 * @param change - Changes its configuration before it is deployed.
 */
export function deploySmallStack(
    suite: string,
    change: (configuration: Configuration) => void = () => undefined,
): Promise<TestStack> {
    const run = testRun();
    const name = smallStackName(suite);
    return deployStack(name, join(run.directory, `of-${suite}`), async (directory, stack, port) => {
        await writeConfiguration(directory, stack, { name, port, small: true });
        await changeStackFile(directory, stack, (configuration) => {
            keepServers(configuration);
            change(configuration);
        });
    });
}

/**
 * Closes a small stack. It is removed with the run; its pods, and those of further namespaces of the suite, end now, as they
 * need not be there for the suites that follow.
 */
export async function closeSmallStack(
    { close, kubeConfig, name }: TestStack,
    namespaces: string[] = [],
): Promise<void> {
    await close();
    const core = kubeConfig.makeApiClient(CoreV1Api);
    for (const one of [name, ...namespaces]) await core.deleteNamespace({ name: one });
}

/** Namespace and realm of the small stack of a suite. */
export function smallStackName(suite: string): string {
    return `${testRun().name}-${suite}`;
}

function keepServers(configuration: Configuration): void {
    const entries = configuration["slipway:servers"] as Entry[];
    const servers = entries.filter(({ name }) => serverNames.includes(name));
    for (const server of servers) delete server.callers;
    const called = servers.flatMap((server) => [server, ...(server.mounts ?? [])]);
    configuration["slipway:servers"] = servers;
    configuration["slipway:identity"].clients = [
        { name: "agent", servers: called.map(({ name }) => name) },
    ];
    const { verifier } = configuration["slipway:gateway"] as { verifier: object };
    configuration["slipway:gateway"]["verifier"] = { ...verifier, replicas: 1 };
}
