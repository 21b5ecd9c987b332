import { CommandError, LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { RunError } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeError, EngineOutput } from "../../local/engineOutput.ts";
import { findPulumi } from "../../local/providers/findPulumi.ts";
import { installSite } from "../../local/providers/installSite.ts";

const cause = "the image 'weather' cannot be built";

describe("the failure of a deployment", function () {
    this.timeout(60_000);
    let directory: string;
    let printed = "";
    let failure: unknown;

    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-failure-"));
        await mkdir(join(directory, "state"));
        await writeFile(join(directory, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
        const { pulumiCommand } = await findPulumi(installSite());
        const workspace = await LocalWorkspace.create({
            workDir: directory,
            pulumiCommand,
            program: () => Promise.reject(new RunError(cause)),
            envVars: {
                PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
                PULUMI_CONFIG_PASSPHRASE: "of the test",
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
        });
        const stack = await Stack.create("dev", workspace);
        const output = new EngineOutput((text) => (printed += text));
        failure = await stack.up({ onOutput: output.write }).catch((error: unknown) => error);
    });

    after(() => rm(directory, { recursive: true }));

    const count = (text: string) => text.split(cause).length - 1;

    it("is repeated by the SDK", () => {
        assert.ok(failure instanceof CommandError);
        assert.ok(count(failure.message) >= 2, failure.message);
    });

    it("is on the screen once", () => {
        assert.equal(count(printed), 1, printed);
        assert.equal(describeError(failure, true), "pulumi up: failed, see 'Diagnostics:' above");
    });

    it("is told once where the engine's output was not printed", () => {
        const text = describeError(failure, false);
        assert.equal(count(text), 1, text);
        assert.match(text, /^pulumi up: /);
        assert.doesNotMatch(text, /Duration|code: -2/);
    });
});

describe("EngineOutput", () => {
    const lines = [
        " +  kubernetes:core/v1:ConfigMap one creating (0s) ",
        " +  kubernetes:core/v1:ConfigMap one creating (0s) error: cannot be reached",
        " +  kubernetes:core/v1:ConfigMap one **creating failed** error: cannot be reached",
        " +  kubernetes:core/v1:ConfigMap two creating (1s) Waiting for error: of nobody",
        " +  pulumi:pulumi:Stack slipway-dev **creating failed (0.17s)** 1 error",
        "Diagnostics:",
        "  kubernetes:core/v1:ConfigMap (one):",
        "    error: cannot be reached",
    ];

    it("leaves an error to the list at the end, and the state to the line of the resource", () => {
        let printed = "";
        const output = new EngineOutput((text) => (printed += text));
        const text = `${lines.join("\n")}\n`;
        // Chunks end anywhere.
        for (let at = 0; at < text.length; at += 7) output.write(text.slice(at, at + 7));
        assert.deepEqual(printed.split("\n"), [
            lines[0],
            " +  kubernetes:core/v1:ConfigMap one **creating failed**",
            lines[3],
            " +  pulumi:pulumi:Stack slipway-dev **creating failed (0.17s)**",
            ...lines.slice(5),
            "",
        ]);
    });
});

describe("describeError", () => {
    it("tells any other error in its own words", () => {
        assert.equal(
            describeError(new Error("stack 'dev': is not there yet")),
            "stack 'dev': is not there yet",
        );
    });
});
