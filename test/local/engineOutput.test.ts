import {
    CommandError,
    type EngineEvent,
    LocalWorkspace,
    Stack,
} from "@pulumi/pulumi/automation/index.js";
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
        const output = new EngineOutput((line) => (printed += `${line}\n`));
        failure = await stack.up({ onEvent: output.note }).catch((error: unknown) => error);
    });

    after(() => rm(directory, { recursive: true }));

    const count = (text: string) => text.split(cause).length - 1;

    it("is repeated by the SDK", () => {
        assert.ok(failure instanceof CommandError);
        assert.ok(count(failure.message) >= 2, failure.message);
    });

    it("is on the screen once", () => {
        assert.equal(count(printed), 1, printed);
        assert.equal(describeError(failure, true), "pulumi up: failed for the reasons above");
    });

    it("is told once where the engine's output was not printed", () => {
        const text = describeError(failure, false);
        assert.equal(count(text), 1, text);
        assert.match(text, /^pulumi up: /);
        assert.doesNotMatch(text, /Duration|code: -2/);
    });
});

describe("EngineOutput", () => {
    const urnOf = (type: string, name: string) =>
        `urn:pulumi:dev::slipway::slipway:A$${type}::${name}`;
    const step = (op: string, type: string, name: string) => ({
        metadata: { op, type, urn: urnOf(type, name) },
    });
    const words = (severity: string, message: string, urn = "", ephemeral = false) => ({
        diagnosticEvent: { severity, message, urn, ephemeral, color: "never" },
    });
    const image = urnOf("docker:index:Image", "greeter-image");
    const pods = urnOf("kubernetes:apps/v1:Deployment", "greeter-pods");

    function print(...events: object[]): string[] {
        const printed: string[] = [];
        const output = new EngineOutput((line) => printed.push(...line.split("\n")));
        for (const event of events) output.note(event as EngineEvent);
        return printed;
    }

    it("prints one line for a resource that changed, and none for others", () => {
        const lines = print(
            { resourcePreEvent: step("create", "kubernetes:core/v1:ConfigMap", "one") },
            { resOutputsEvent: step("create", "kubernetes:core/v1:ConfigMap", "one") },
            { resOutputsEvent: step("update", "kubernetes:core/v1:Service", "two") },
            { resOutputsEvent: step("same", "kubernetes:core/v1:Service", "three") },
            { resOutputsEvent: step("create", "slipway:index:McpServer", "greeter") },
            { resOutputsEvent: { ...step("create", "docker:index:Image", "a"), planning: true } },
        );
        assert.deepEqual(
            lines.map((line) => line.replace(/\d+\.\d s$/, "0.0 s")),
            ["+ ConfigMap one  created  0.0 s", "~ Service two  updated  0.0 s"],
        );
    });

    it("prints one line for a step of a build, and nothing of its layers", () => {
        const lines = print(
            words("info", "Step 1/2 : FROM nginx", image, true),
            words("info", "---> Using cache", image, true),
            words("info", "6f9989377d37 Pushing", image, true),
            words("info", "0 of 1 pods are available", pods, true),
        );
        assert.deepEqual(lines, ["  Image greeter-image  Step 1/2 : FROM nginx"]);
    });

    it("prints a failure at once and only once, whole and without the engine's marks", () => {
        const cause = `pod 'greeter': ${"a ".repeat(300)}end`;
        const message = `<{%reset%}>2 errors occurred:\n\t* it is not ready\n\t* ${cause}\n<{%reset%}>`;
        const failure = words("error", message, pods);
        const program = words(
            "error",
            "Unhandled exception: Error: resource greeter-pods failed to register",
            "urn:pulumi:dev::slipway::pulumi:pulumi:Stack::slipway-dev",
        );
        assert.deepEqual(print(failure, failure, program), [
            "✖ Deployment greeter-pods: it is not ready",
            `    ${cause}`,
        ]);
    });

    it("prints nothing of the engine's words for its developers", () => {
        assert.deepEqual(print(words("debug", "RegisterResource RPC prepared", pods)), []);
        assert.deepEqual(print(words("debug", "Step 1/2 : inputs", image, true)), []);
    });

    it("counts what it did at the end", () => {
        const resourceChanges = { create: 2, same: 3 };
        const lines = print(
            { resOpFailedEvent: step("create", "kubernetes:apps/v1:Deployment", "greeter-pods") },
            { summaryEvent: { resourceChanges, durationSeconds: 9 } },
        );
        assert.deepEqual(lines, ["", "2 created, 3 unchanged, 1 failed in 9 s"]);
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
