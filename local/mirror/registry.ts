import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { addresses, ports } from "../cluster/addresses.ts";
import { machineListens } from "../cluster/machineListens.ts";
import type { Node } from "../cluster/node.ts";
import { writeText } from "../cluster/textFile.ts";
import { paths } from "../paths.ts";
import { RegistryClient } from "./registryClient.ts";

/** Address of the registry, the same on the machine, in its Docker engine and in the node. */
export const registryAddress = `localhost:${ports.registry}`;

/**
 * Starts the registry in the node, or finds it running. Its images survive restarts.
 *
 * A registry on the machine at that port is used instead. The node has its own loopback, so it gets a relay to it.
 */
export async function ensureRegistry(node: Node): Promise<RegistryClient> {
    const client = new RegistryClient(registryAddress);
    const found = await machineListens(ports.registry);
    if (found) console.log(`image registry: uses the one that answers at '${registryAddress}'`);
    const definition = found
        ? {
              command: [
                  "socat",
                  `TCP-LISTEN:${ports.registry},bind=127.0.0.1,fork,reuseaddr`,
                  machineRegistry,
              ],
          }
        : await defineRegistry();
    await node.service({
        name: "registry",
        ...definition,
        ready: async () => {
            if (!(await client.answers())) return false;
            // Must answer from within the node, where pods' images are pulled and pushes originate.
            const url = `http://${registryAddress}/v2/`;
            await node.enter("curl", ["--silent", "--show-error", "--fail", "--noproxy", "*", url]);
            return true;
        },
    });
    return client;
}

/** Address that the machine's packet rules redirect to its own registry. */
const machineRegistry = `TCP:${addresses.machine}:${ports.registry}`;

async function defineRegistry(): Promise<{ command: string[]; files: string[] }> {
    const storage = join(paths.platform, "registry");
    const config = join(paths.platform, "configs", "registry.yml");
    await mkdir(storage, { recursive: true });
    await writeText(config, stringify(buildConfig(storage)));
    return { command: ["docker-registry", "serve", config], files: [config] };
}

function buildConfig(storage: string): object {
    return {
        version: 0.1,
        log: { level: "warn", accesslog: { disabled: true } },
        storage: {
            filesystem: { rootdirectory: storage },
            // `npm run down` deletes the images of a stack.
            delete: { enabled: true },
        },
        // No password is needed: packet rules admit the machine only, neither its neighbours nor pods.
        http: { addr: `127.0.0.1:${ports.registry}` },
    };
}
