import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type FakeKubernetes, startFakeKubernetes } from "../support/fakeKubernetes.ts";
import { evaluate } from "./evaluate.ts";

describe("useExistingCluster", () => {
    let kubernetes: FakeKubernetes;
    let directory: string;

    before(async () => {
        kubernetes = await startFakeKubernetes();
        directory = await mkdtemp(join(tmpdir(), "slipway-context-"));
    });

    after(async () => {
        await kubernetes.close();
        await rm(directory, { recursive: true });
    });

    it("writes the chosen context alone, under its name, which the stack's configuration may require", async () => {
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromString(kubernetes.kubeconfig);
        const [cluster] = kubeConfig.getClusters();
        const [user] = kubeConfig.getUsers();
        const contextOf = (name: string) => ({ name, cluster: cluster!.name, user: user!.name });
        kubeConfig.loadFromOptions({
            clusters: [cluster],
            users: [user],
            contexts: [contextOf("dev"), contextOf("prod")],
            currentContext: "dev",
        });
        const file = join(directory, "kubeconfig");
        await writeFile(file, kubeConfig.exportConfig());

        const { stdout, stderr } = await evaluate(
            `process.env.KUBECONFIG = ${JSON.stringify(file)};
            const { useExistingCluster } = await load("existingCluster.ts");
            const { KUBECONFIG } = await useExistingCluster("prod");
            const { readFileSync } = await import("node:fs");
            console.log("file " + JSON.stringify(readFileSync(KUBECONFIG, "utf8")));`,
        );

        const [, content] = /^file (.*)$/m.exec(stdout) ?? [];
        assert.ok(content, stderr);
        const written = new KubeConfig();
        written.loadFromString(JSON.parse(content) as string);
        assert.equal(written.getCurrentContext(), "prod");
        assert.deepEqual(
            written.getContexts().map(({ name }) => name),
            ["prod"],
        );
        assert.equal(written.getCurrentCluster()?.server, cluster?.server);
    });
});
