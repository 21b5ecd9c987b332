import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describePatient } from "../../local/doctor/patient.ts";
import { readStatus } from "../../local/status/readStatus.ts";
import { testStack } from "./testStack.ts";

describe("the status of a stack", function () {
    this.timeout(120_000);

    it("has a line for each server, with the calls in flight of those with metrics", async () => {
        const dev = await testStack();
        const { configurationDirectory, name } = dev.target;
        const text = readFileSync(join(configurationDirectory!, `Pulumi.${name}.yaml`), "utf8");
        const target = { stack: name };
        const { outputs, kubeConfig: kube } = dev;
        const patient = describePatient(text, { target, outputs, kube, kubectl: "kubectl" });
        const find = async (server: string) =>
            (await readStatus(patient)).find((row) => row.server === server)!;
        const added = await find("add-numbers");
        assert.ok(added.ready >= 1 && added.ready === added.wanted, JSON.stringify(added));
        assert.match(added.probe, /^ok for \d+ (s|min|h)$/);
        // A server without metrics tells nothing.
        assert.equal(added.inFlight, undefined);

        // Its bridge is asked through the API server.
        const { inFlight = -1 } = await find("fetch");
        assert.ok(inFlight >= 0);
    });
});
