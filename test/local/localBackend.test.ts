import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { openLocalBackend } from "../../local/localBackend.ts";

describe("openLocalBackend", () => {
    let root: string;
    let directory: string;

    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "slipway-root-"));
        directory = join(root, "state");
        await writeFile(join(root, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
        await writeFile(join(root, "Pulumi.dev.yaml"), "config:\n  slipway:namespace: mcp\n");
    });

    afterEach(() => rm(root, { recursive: true }));

    it("keeps the engine's salt with the state, and takes the configuration as committed", async () => {
        const { projectDirectory } = await openLocalBackend(root, "dev", directory);
        const copy = join(projectDirectory, "Pulumi.dev.yaml");
        await writeFile(copy, "encryptionsalt: v1:salt\nconfig:\n  slipway:namespace: old\n");
        await writeFile(join(root, "Pulumi.dev.yaml"), "config:\n  slipway:namespace: new\n");
        await openLocalBackend(root, "dev", directory);

        assert.deepEqual(parse(await readFile(copy, "utf8")), {
            config: { "slipway:namespace": "new" },
            encryptionsalt: "v1:salt",
        });
        const committed = await readFile(join(root, "Pulumi.dev.yaml"), "utf8");
        assert.equal(committed.includes("encryptionsalt"), false);
    });

    it("leaves the passphrase to the caller only where the committed file holds secrets", async () => {
        const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
        process.env["PULUMI_CONFIG_PASSPHRASE"] = "the caller's, of another stack";
        try {
            const own = await openLocalBackend(root, "dev", directory);
            assert.match(own.environment["PULUMI_CONFIG_PASSPHRASE"]!, /^[\w-]{43}$/);
            await writeFile(join(root, "Pulumi.dev.yaml"), "encryptionsalt: v1:salt\nconfig: {}\n");
            const callers = await openLocalBackend(root, "dev", directory);
            assert.equal("PULUMI_CONFIG_PASSPHRASE" in callers.environment, false);
        } finally {
            if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
            else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
        }
    });

    it("makes one passphrase for a stack, which only its owner can read", async () => {
        const first = await openLocalBackend(root, "dev", directory);
        const second = await openLocalBackend(root, "dev", directory);
        const passphrase = first.environment["PULUMI_CONFIG_PASSPHRASE"];
        assert.ok(passphrase !== undefined && passphrase.length > 40);
        assert.equal(second.environment["PULUMI_CONFIG_PASSPHRASE"], passphrase);
        assert.equal((await stat(join(directory, "passphrase"))).mode & 0o777, 0o600);
        assert.equal((await stat(directory)).mode & 0o777, 0o700);
    });
});
