import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { projectRoot } from "../../local/stack.ts";

/** Name of the stack that is previewed. */
export const stackName = "bench";

/**
 * Writes a project directory whose stack has `count` servers: half of them speak HTTP, half stdio behind the bridge, all
 * from images, so that nothing is built. One client may call all of them, and one each ten.
 */
export async function writeProject(directory: string, count: number): Promise<void> {
    await mkdir(directory, { recursive: true });
    await copyFile(join(projectRoot, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    const text = stringify({ config: buildConfig(count) });
    await writeFile(join(directory, `Pulumi.${stackName}.yaml`), text);
}

/** The stack's configuration. */
export function buildConfig(count: number): Record<string, unknown> {
    const servers = Array.from({ length: count }, (_, index) => buildServer(index));
    const names = servers.map(({ name }) => name);
    const groups = Array.from({ length: Math.ceil(count / 10) }, (_, index) => ({
        name: `group-${index}`,
        servers: names.slice(index * 10, index * 10 + 10),
    }));
    return {
        "slipway:namespace": "slipway-bench",
        "slipway:registry": { address: "localhost:30500" },
        "slipway:gateway": {
            kind: "nginx",
            host: "localhost",
            tls: { selfSigned: true },
            exposure: { loadBalancer: true },
        },
        "slipway:identity": {
            issuer: "https://localhost:30444/realms/slipway-bench",
            adminUrl: "https://localhost:30444",
            realm: "slipway-bench",
            clients: [{ name: "everything", servers: names }, ...groups],
        },
        "slipway:servers": servers,
    };
}

function buildServer(index: number) {
    const name = `server-${String(index).padStart(4, "0")}`;
    const source = { image: `registry.example.org/${name}:1.0.0` };
    if (index % 2 === 0) return { name, source, healthPath: "/health" };
    return {
        name,
        source,
        transport: "stdio",
        command: [`/bin/${name}`],
        tools: { scopes: { write: [`${name}:write`] } },
        egress: [{ cidr: "203.0.113.0/24", ports: [443] }],
    };
}
