import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import * as random from "@pulumi/random";
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import {
    mkdir,
    mkdtemp,
    readFile,
    realpath,
    rm,
    stat,
    truncate,
    writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { removeBrokenDescriptions } from "../../local/interrupted.ts";
import { openLocalBackend } from "../../local/localBackend.ts";
import { findPulumi } from "../../local/providers/findPulumi.ts";
import { installSite } from "../../local/providers/installSite.ts";

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

    it("keeps the engine's salt with the state, and copies the committed configuration", async () => {
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

    it("requires the caller's passphrase only when the committed file has secrets", async () => {
        const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
        process.env["PULUMI_CONFIG_PASSPHRASE"] = "the caller's, of another stack";
        try {
            const own = await openLocalBackend(root, "dev", directory);
            assert.match(own.environment["PULUMI_CONFIG_PASSPHRASE"]!, /^[\w-]{43}$/);
            const secret = "config:\n  slipway:key:\n    secure: v1:text\n";
            await writeFile(join(root, "Pulumi.dev.yaml"), `encryptionsalt: v1:salt\n${secret}`);
            const callers = await openLocalBackend(root, "dev", directory);
            assert.equal("PULUMI_CONFIG_PASSPHRASE" in callers.environment, false);
        } finally {
            if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
            else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
        }
    });

    it("says which other checkout used the stack last, as long as that is there", async () => {
        const told: string[] = [];
        const { error } = console;
        console.error = (line: string) => void told.push(line);
        try {
            const second = join(root, "second");
            await mkdir(second);
            await openLocalBackend(root, "dev", directory);
            await openLocalBackend(root, "dev", directory);
            assert.deepEqual(told, []);
            await openLocalBackend(root, "dev", directory, second);
            assert.equal(told.length, 1);
            assert.match(told[0]!, new RegExp(`^stack 'dev': .*'${root}'.*--stack NAME`));
            await openLocalBackend(root, "dev", directory);
            assert.equal(told.length, 2);
            await openLocalBackend(root, "dev", directory, second);
            await rm(second, { recursive: true });
            await openLocalBackend(root, "dev", directory);
            assert.equal(told.length, 3);
        } finally {
            console.error = error;
        }
    });

    it("leaves out a salt that no secret of the committed file needs", async () => {
        await writeFile(join(root, "Pulumi.dev.yaml"), "encryptionsalt: v1:left\nconfig: {}\n");
        const { environment, projectDirectory } = await openLocalBackend(root, "dev", directory);
        assert.match(environment["PULUMI_CONFIG_PASSPHRASE"]!, /^[\w-]{43}$/);
        const copy = await readFile(join(projectDirectory, "Pulumi.dev.yaml"), "utf8");
        assert.deepEqual(parse(copy), { config: {} });
    });

    it("keeps the secrets of the copy, and nothing else that the committed file lacks", async () => {
        const { projectDirectory } = await openLocalBackend(root, "dev", directory);
        const copy = join(projectDirectory, "Pulumi.dev.yaml");
        const config = { "slipway:key": { secure: "v1:text" }, "slipway:former": "plain" };
        await writeFile(copy, JSON.stringify({ encryptionsalt: "v1:salt", config }));
        await openLocalBackend(root, "dev", directory);
        assert.deepEqual(parse(await readFile(copy, "utf8")), {
            config: { "slipway:key": { secure: "v1:text" }, "slipway:namespace": "mcp" },
            encryptionsalt: "v1:salt",
        });
    });

    it("completes the copy alone", async () => {
        const complete = (config: object) => ({ ...config, "slipway:protect": false });
        const { projectDirectory } = await openLocalBackend(root, "dev", directory, root, complete);
        const copy = await readFile(join(projectDirectory, "Pulumi.dev.yaml"), "utf8");
        assert.match(copy, /slipway:protect: false/);
        const committed = await readFile(join(root, "Pulumi.dev.yaml"), "utf8");
        assert.equal(committed, "config:\n  slipway:namespace: mcp\n");
    });

    it("starts providers in the checkout, to which image paths are relative", async function () {
        this.timeout(60_000);
        const checkout = join(root, "checkout");
        await mkdir(checkout);
        const backend = await openLocalBackend(root, "dev", directory, checkout);
        const { projectDirectory, environment } = backend;
        const plugins = join(root, "plugins");
        const noted = join(root, "noted");
        await mkdir(plugins);
        const plugin = `#!/bin/sh\npwd > '${noted}'\nexit 1\n`;
        await writeFile(join(plugins, "pulumi-resource-random"), plugin, { mode: 0o755 });
        const { pulumiCommand } = await findPulumi(installSite());
        const workspace = await LocalWorkspace.create({
            workDir: projectDirectory,
            pulumiCommand,
            program: () => Promise.resolve(void new random.RandomBytes("bytes", { length: 1 })),
            envVars: {
                ...environment,
                PATH: `${plugins}:${process.env["PATH"]}`,
                PULUMI_DEBUG_PROVIDERS: "",
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
        });
        const stack = await Stack.create("dev", workspace);
        await assert.rejects(stack.preview());
        assert.equal((await readFile(noted, "utf8")).trim(), await realpath(checkout));
    });

    it("is read again after an engine was killed while it wrote the description of its state", async function () {
        this.timeout(60_000);
        const { projectDirectory, environment } = await openLocalBackend(root, "dev", directory);
        const { pulumiCommand } = await findPulumi(installSite());
        const envVars = { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" };
        const program = () => Promise.resolve();
        const options = { workDir: projectDirectory, pulumiCommand, program, envVars };
        const open = async () => Stack.createOrSelect("dev", await LocalWorkspace.create(options));
        await open();
        const [description = ""] = globSync(
            join(directory, "state/.pulumi/stacks/**/dev.json.attrs"),
        );
        const written = await readFile(description, "utf8");
        removeBrokenDescriptions(directory);
        assert.equal(await readFile(description, "utf8"), written);
        await truncate(description);
        await assert.rejects(open(), /failed to load checkpoint: EOF/);
        removeBrokenDescriptions(directory);
        await (await open()).exportStack();
    });

    it("generates one passphrase per stack, readable by its owner only", async () => {
        const first = await openLocalBackend(root, "dev", directory);
        const second = await openLocalBackend(root, "dev", directory);
        const passphrase = first.environment["PULUMI_CONFIG_PASSPHRASE"];
        assert.ok(passphrase !== undefined && passphrase.length > 40);
        assert.equal(second.environment["PULUMI_CONFIG_PASSPHRASE"], passphrase);
        assert.equal((await stat(join(directory, "passphrase"))).mode & 0o777, 0o600);
        assert.equal((await stat(directory)).mode & 0o777, 0o700);
    });
});
