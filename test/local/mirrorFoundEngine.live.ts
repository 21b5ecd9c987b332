import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import { baseImages, shortReference } from "../../local/mirror/baseImages.ts";
import { TestMachine } from "./testMachine.ts";

/** Chooses the engine as the platform does, and prints the choice. */
const choose = `
    const load = (name) => import(${JSON.stringify(join(import.meta.dirname, "../../local/"))} + name);
    const { ensureNode } = await load("cluster/node.ts");
    const { ensureRegistry } = await load("mirror/registry.ts");
    const { ensureDocker } = await load("mirror/docker.ts");
    const node = await ensureNode();
    await ensureRegistry(node);
    console.log("DOCKER_HOST=" + (await ensureDocker(node, {})));
    process.exit();
`;

describe("a Docker engine that answers on the machine", function () {
    this.timeout(120_000);
    let machine: TestMachine;
    let directory: string;

    before(async () => {
        machine = await TestMachine.boot();
        directory = await mkdtemp(join(tmpdir(), "slipway-engine-"));
        await writeFile(join(directory, "daemon.json"), "{}");
        const daemon = [
            ...["dockerd", "--config-file", join(directory, "daemon.json")],
            ...["--data-root", join(directory, "data"), "--bridge=none", "--iptables=false"],
        ];
        await machine.run("sh", "-c", `${daemon.join(" ")} >/dev/null 2>&1 &`);
        await waitFor("the engine", 60, () => docker("version"));
        const file = join(directory, "empty.tar");
        await machine.run("tar", "-cf", file, "-T", "/dev/null");
        await docker("import", file, "somebody/elses:1");
    });

    after(async () => {
        await machine.remove();
        await rm(directory, { recursive: true });
    });

    const docker = (...args: string[]) =>
        machine.run("docker", "--host", "unix:///var/run/docker.sock", ...args);
    const list = async () => {
        const output = await docker("images", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}");
        return output.split("\n").sort();
    };
    const chooseEngine = () =>
        machine.run(process.execPath, "--input-type=module", "--eval", choose);

    it("is left alone when it cannot resolve the base images, with a message", async () => {
        const before = await list();
        const output = await chooseEngine();
        assert.match(output, /starts its own, because the one at '[^']+' cannot resolve 'debian:/);
        assert.match(output, /^DOCKER_HOST=unix:\/\/\/run\/slipway\/docker\.sock$/m);
        assert.deepEqual(await list(), before);
        const own = ["--host", "unix:///run/slipway/docker.sock", "images", "--quiet"];
        assert.equal(await machine.run("docker", ...own), "");
    });

    it("is used when it has them, and is not changed", async () => {
        for (const image of baseImages) {
            await docker("tag", "somebody/elses:1", shortReference(image));
        }
        const before = await list();
        const output = await chooseEngine();
        assert.match(output, /uses the one at 'unix:\/\/\/var\/run\/docker\.sock'/);
        assert.match(output, /^DOCKER_HOST=unix:\/\/\/var\/run\/docker\.sock$/m);
        assert.deepEqual(await list(), before);
    });
});
