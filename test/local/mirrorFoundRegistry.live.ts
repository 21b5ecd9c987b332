import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

import { waitFor } from "../../local/cluster/run.ts";
import { TestMachine } from "./testMachine.ts";

const content = "a layer of somebody else";
const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;

const local = JSON.stringify(join(import.meta.dirname, "../../local/"));
const prologue = `const load = (name) => import(${local} + name);`;

/** Pushes a blob to the machine's registry, as its owner would. */
const fill = `${prologue}
    const { RegistryClient } = await load("mirror/registryClient.ts");
    const registry = new RegistryClient("127.0.0.1:30500");
    await registry.writeBlob("somebody/elses", "${digest}", new Blob(["${content}"]));
`;

/** Starts the node with its registry, and prints the registry's content as seen from the node. */
const bringUp = `${prologue}
    const { ensureNode } = await load("cluster/node.ts");
    const { ensureRegistry } = await load("mirror/registry.ts");
    const node = await ensureNode();
    await ensureRegistry(node);
    const url = "http://localhost:30500/v2/somebody/elses/blobs/${digest}";
    console.log(await node.enter("curl", ["--silent", "--fail", url]));
    process.exit();
`;

describe("a registry that answers on the machine", function () {
    this.timeout(120_000);
    let machine: TestMachine;
    let directory: string;

    beforeEach(async () => {
        machine = await TestMachine.boot();
        directory = await mkdtemp(join(tmpdir(), "slipway-registry-"));
    });

    afterEach(async () => {
        await machine.remove();
        await rm(directory, { recursive: true });
    });

    const evaluate = (text: string) =>
        machine.run(process.execPath, "--input-type=module", "--eval", text);

    /** Starts a program on the machine; it ends with the machine. */
    const start = (command: string) => machine.run("sh", "-c", `${command} >/dev/null 2>&1 &`);

    it("is used by the machine and the node, on every run", async () => {
        const config = join(directory, "registry.yml");
        const storage = { filesystem: { rootdirectory: join(directory, "storage") } };
        await writeFile(
            config,
            stringify({ version: 0.1, storage, http: { addr: "127.0.0.1:30500" } }),
        );
        await start(`docker-registry serve ${config}`);
        await waitFor("its answer", 60, () =>
            machine.run("curl", "-sf", "http://127.0.0.1:30500/v2/"),
        );
        await evaluate(fill);
        for (let run = 1; run <= 2; run++) {
            const output = await evaluate(bringUp);
            assert.match(output, /uses the one that answers at 'localhost:30500'/);
            assert.match(output, new RegExp(`^${content}$`, "m"));
        }
        const url = `http://127.0.0.1:30500/v2/somebody/elses/blobs/${digest}`;
        assert.equal(await machine.run("curl", "-sf", url), content);
    });

    it("must be a registry: another program at its port is reported, and nothing starts", async () => {
        await start("python3 -m http.server --bind 127.0.0.1 30500");
        await waitFor("its answer", 60, () =>
            machine.run("curl", "-sf", "http://127.0.0.1:30500/"),
        );
        await assert.rejects(evaluate(bringUp), /port 30500 .* must be free for the registry/);
    });
});
