import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { projectRoot } from "../../local/stack.ts";

/** Where a deployment of the dev stack's configuration goes instead of where the dev stack is. */
export interface Place {
    /** Its namespace, its realm, and the path of its images in the registry. */
    name: string;
    /** Port of 127.0.0.1 and of the node that its gateway answers at. */
    port: number;
    /**
     * Whether a pod a server is enough, with next to no promised CPU: for a stack that is to be there, not to be loaded.
     *
     * @default false
     */
    small?: boolean;
    /**
     * Whether it has the server `probe-server` as well, which its client `agent` may call: for suites that look at streams,
     * sizes and headers.
     *
     * @default false
     */
    probed?: boolean;
}

interface StackFile {
    config: {
        "slipway:namespace": string;
        "slipway:registry": { address: string };
        "slipway:gateway": { port: number; exposure: { nodePort: number } };
        "slipway:identity": { realm: string; clients: { name: string; servers: string[] }[] };
        "slipway:servers": ServerEntry[];
    };
}

interface ServerEntry {
    name: string;
    source: object;
    healthPath?: string;
    host?: string;
    prefix?: string;
    replicas?: object;
    resources?: object;
}

/** The server of test/images, as a stack's file names it: at the root of a host that every machine knows. */
const probeServer: ServerEntry = {
    name: "probe-server",
    source: { build: "test/images/probe-server" },
    healthPath: "/health",
    host: "127.0.0.1",
    prefix: "/",
    replicas: { min: 1, max: 1 },
    // Beside a stack under load, it need not be promised much.
    resources: { requests: { cpu: "10m" } },
};

/** Writes Pulumi.yaml and `Pulumi.<stack>.yaml` to a directory: the dev stack's configuration, moved to another place. */
export async function writeConfiguration(
    directory: string,
    stack: string,
    place: Place,
): Promise<void> {
    const committed = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
    await writeFile(join(directory, `Pulumi.${stack}.yaml`), moveConfiguration(committed, place));
    await copyFile(join(projectRoot, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
}

/** The same stack at another place: derived, so that what suites deploy follows what the project ships. */
export function moveConfiguration(committed: string, place: Place): string {
    const { name, port, small = false, probed = false } = place;
    const from = (parse(committed) as StackFile).config;
    const moved = parse(
        committed
            .replaceAll(`/realms/${from["slipway:identity"].realm}`, `/realms/${name}`)
            .replaceAll(`.${from["slipway:namespace"]}.svc`, `.${name}.svc`),
    ) as StackFile;
    const { config } = moved;
    config["slipway:namespace"] = name;
    config["slipway:registry"].address += `/${name}`;
    config["slipway:gateway"].port = port;
    config["slipway:gateway"].exposure.nodePort = port;
    config["slipway:identity"].realm = name;
    for (const server of small ? config["slipway:servers"] : []) {
        server.replicas = { min: 1, max: 1 };
        server.resources = { requests: { cpu: "10m" } };
    }
    if (probed) {
        config["slipway:servers"].push(probeServer);
        const agent = config["slipway:identity"].clients.find((client) => client.name === "agent");
        agent?.servers.push(probeServer.name);
    }
    return stringify(moved);
}
