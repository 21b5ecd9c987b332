import { eventually } from "./cluster.ts";
import { changeConfiguration, testStack } from "./testStack.ts";

/** An entry of a stack's servers. */
interface Entry {
    name: string;
    mounts?: { name: string }[];
}

/**
 * Adds servers to the configuration of the test stack, and a machine client that may call them all, and deploys them.
 * They stay until the stack is destroyed: their pods take time to stop.
 */
export async function addServers(client: string, entries: Entry[]): Promise<void> {
    const { stack, up } = await testStack();
    const servers = entries.flatMap(({ name, mounts = [] }) => [
        name,
        ...mounts.map((mount) => mount.name),
    ]);
    await changeConfiguration(stack, (config) => {
        config["slipway:servers"].push(...entries);
        config["slipway:identity"].clients.push({ name: client, servers });
    });
    await up();
    for (const server of servers) await awaitRoute(server);
}

/** Waits until the gateway leads to a server that was added: its pods load a new configuration some seconds after `up`. */
export async function awaitRoute(server: string): Promise<void> {
    const { outputs } = await testStack();
    await eventually(`a route to '${server}'`, 60, async () => {
        const { status } = await fetch(outputs.endpoints[server]!, { method: "POST" });
        return status !== 404;
    });
}
