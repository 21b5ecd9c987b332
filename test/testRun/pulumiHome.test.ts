import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as random from "@pulumi/random";

import { openProviderStack } from "../providers/providerStack.ts";
import { makePulumiHome } from "./pulumiHome.ts";

describe("makePulumiHome", function () {
    this.timeout(120_000);
    const before = process.env["PULUMI_HOME"];
    const directory = mkdtempSync(join(tmpdir(), "slipway-homes-"));

    after(() => {
        if (before === undefined) delete process.env["PULUMI_HOME"];
        else process.env["PULUMI_HOME"] = before;
        rmSync(directory, { recursive: true });
    });

    it("gives the engine the caller's plugins, and keeps its records out of the caller's home", async () => {
        const callers = join(directory, "callers");
        mkdirSync(join(callers, "plugins/resource-mine-v1.0.0"), { recursive: true });
        process.env["PULUMI_HOME"] = callers;
        process.env["PULUMI_HOME"] = makePulumiHome(directory);
        const environment = { PULUMI_HOME: process.env["PULUMI_HOME"] };
        const opened = await openProviderStack(["random"], { environment, official: false });
        try {
            opened.use(() =>
                Promise.resolve({ id: new random.RandomId("id", { byteLength: 4 }).hex }),
            );
            assert.match(String((await opened.stack.up()).outputs["id"]?.value), /^[0-9a-f]{8}$/);
        } finally {
            await opened.close();
        }
        assert.deepEqual(readdirSync(callers), ["plugins"]);
        assert.deepEqual(readdirSync(join(environment.PULUMI_HOME, "plugins")), [
            "resource-mine-v1.0.0",
        ]);
        assert.equal(readdirSync(join(environment.PULUMI_HOME, "workspaces")).length, 1);
    });
});
