import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { ports } from "../cluster/addresses.ts";
import type { Node } from "../cluster/node.ts";
import { paths } from "../paths.ts";
import { RegistryClient } from "./registryClient.ts";

/** The registry's address, the same for the machine, its Docker engine and the node. */
export const registryAddress = `localhost:${ports.registry}`;

/** Starts the registry in the node, or finds it running; its images are kept over restarts. */
export async function ensureRegistry(node: Node): Promise<RegistryClient> {
    const client = new RegistryClient(registryAddress);
    const storage = join(paths.platform, "registry");
    const config = join(paths.platform, "configs", "registry.yml");
    await mkdir(storage, { recursive: true });
    await mkdir(join(paths.platform, "configs"), { recursive: true });
    await writeFile(config, stringify(buildConfig(storage)));
    await node.service({
        name: "registry",
        command: ["docker-registry", "serve", config],
        ready: () => client.answers(),
    });
    return client;
}

function buildConfig(storage: string): object {
    return {
        version: 0.1,
        log: { level: "warn", accesslog: { disabled: true } },
        storage: {
            filesystem: { rootdirectory: storage },
            // `npm run down` takes the images of a stack out again.
            delete: { enabled: true },
        },
        http: { addr: `:${ports.registry}` },
    };
}
