import type { Stack } from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";
import { build } from "esbuild";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { requiredScenarios } from "../../images/bridge/test/conformance/requirements.ts";
import { runConformance } from "../../images/bridge/test/conformance/runConformance.ts";
import { startForwarder } from "../../images/bridge/test/conformance/startForwarder.ts";
import { warmUp } from "../../images/bridge/test/conformance/warmUp.ts";
import { projectRoot } from "../../local/stack.ts";
import { awaitRoute } from "./addServers.ts";
import { testStack } from "./testStack.ts";

const name = "conformance";

/** Runs on nothing but Node: one file. */
const dockerfile = `FROM node:24.21.0-trixie-slim
COPY server.mjs /opt/app/server.mjs
USER 65532:65532
ENTRYPOINT ["node", "/opt/app/server.mjs"]
`;

describe("the official conformance suite, through TLS and OIDC", function () {
    this.timeout(900_000);
    const undo: (() => unknown)[] = [];
    let url: string;

    before(async () => {
        const { stack, up, token } = await testStack();
        const { server, client } = await findPlaces(stack);
        const sources = await buildSources();
        undo.push(() => rm(sources, { recursive: true }));
        const added = Object.entries({
            name,
            "source.build": sources,
            transport: "stdio",
            "command[0]": "node",
            "command[1]": "/opt/app/server.mjs",
            "replicas.min": "1",
            "replicas.max": "1",
        }).map(([key, value]) => [`${server}.${key}`, value] as const);
        undo.unshift(async () => {
            await stack.removeConfig(server, true);
            await stack.removeConfig(client, true);
            await up();
        });
        for (const [key, value] of [...added, [client, name] as const]) {
            await stack.setConfig(key, { value }, true);
        }
        await up();
        await awaitRoute(name);
        const { outputs } = await testStack();
        const door = await startForwarder(outputs.endpoints[name]!, () => token("agent"));
        undo.unshift(() => door.stop());
        ({ url } = door);
        await warmUp(url);
    });

    after(async () => {
        for (const step of undo) await step();
    });

    for (const revision of ["2025-11-25", "2026-07-28"] as const) {
        it(`passes every scenario that ${revision} requires`, async () => {
            const { passed, output, checks } = await runConformance(url, revision);
            assert.ok(passed, output);
            const required = requiredScenarios(revision);
            const missing = required.filter((scenario) => !checks.has(scenario));
            assert.deepEqual(missing, []);
            assert.equal(required.length, revision === "2025-11-25" ? 30 : 37);
        });
    }
});

/** Paths in the stack's configuration of one more server, and of its name among the servers of client `agent`. */
async function findPlaces(stack: Stack): Promise<{ server: string; client: string }> {
    const read = async (key: string) => JSON.parse((await stack.getConfig(key)).value) as unknown;
    const servers = (await read("slipway:servers")) as unknown[];
    const { clients } = (await read("slipway:identity")) as { clients: { servers: string[] }[] };
    const [agent] = clients;
    return {
        server: `slipway:servers[${servers.length}]`,
        client: `slipway:identity.clients[0].servers[${agent!.servers.length}]`,
    };
}

/** A directory with the suite's server up to 2025-11-25 and what makes an image of it. */
async function buildSources(): Promise<string> {
    const sources = await mkdtemp(join(tmpdir(), "slipway-conformance-server-"));
    await build({
        entryPoints: [join(projectRoot, "images/bridge/test/conformance/fixtures/legacyServer.ts")],
        outfile: join(sources, "server.mjs"),
        bundle: true,
        platform: "node",
        target: "node24",
        format: "esm",
    });
    await writeFile(join(sources, "Dockerfile"), dockerfile);
    return sources;
}
