import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { projectRoot } from "../../local/stack.ts";

/** Names and ports for a second deployment of the dev stack's configuration. */
export interface Place {
    /** Namespace, realm, and path of the images in the registry. */
    name: string;
    /** Port of its gateway, on 127.0.0.1 and on the node. */
    port: number;
    /**
     * Whether to deploy one pod per server with minimal CPU requests, for a stack that gets no load.
     *
     * @default false
     */
    small?: boolean;
    /**
     * Whether to add the server `probe-server`, which the client `agent` may call: for tests of streams, sizes and
     * headers.
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
    checkRevocation?: boolean;
    replicas?: object;
    resources?: object;
}

/** The server of test/images, as an entry of a stack's configuration: at the root of a host of its own, 127.0.0.1. */
const probeServer: ServerEntry = {
    name: "probe-server",
    source: { build: "test/images/probe-server" },
    healthPath: "/health",
    host: "127.0.0.1",
    prefix: "/",
    checkRevocation: true,
    replicas: { min: 1, max: 1 },
    // A small request, because it runs beside a stack under load.
    resources: { requests: { cpu: "10m" } },
};

/** Writes Pulumi.yaml and `Pulumi.<stack>.yaml` to a directory: the dev stack's configuration, adapted to `place`. */
export async function writeConfiguration(
    directory: string,
    stack: string,
    place: Place,
): Promise<void> {
    const committed = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
    await writeFile(join(directory, `Pulumi.${stack}.yaml`), moveConfiguration(committed, place));
    await copyFile(join(projectRoot, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
}

/** Adapts the committed configuration to another place. It is derived, so that tests deploy what the project ships. */
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
