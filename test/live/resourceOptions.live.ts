import { ApiException, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ServerDeployment, ServerNamespace } from "../../components/index.ts";
import { openProviderStack } from "../providers/providerStack.ts";
import type { ProviderStack } from "../providers/providerStack.ts";
import { testRun } from "../testRun/testRun.ts";
import { smallServer } from "./smallServer.ts";

const label = "example.org/team";

/** Options of a component mean for what it creates what they mean for a single resource. */
describe("resource options of a component", function () {
    this.timeout(180_000);
    const namespace = `${testRun().name}-options`;
    let opened: ProviderStack;
    let core: CoreV1Api;

    before(async () => {
        const { KUBECONFIG = "" } = process.env;
        const config = new KubeConfig();
        config.loadFromDefault();
        core = config.makeApiClient(CoreV1Api);
        const environment = { KUBECONFIG };
        opened = await openProviderStack(["kubernetes"], { environment, official: true });
    });

    after(() => opened.close());

    const place = (name: string, opts: pulumi.ComponentResourceOptions) =>
        new ServerNamespace(name, { namespace, registry: login }, opts);

    it("protect: nothing of it is destroyed", async () => {
        opened.use(() => {
            place("place", { protect: true });
            return Promise.resolve();
        });
        await opened.stack.up();
        await assert.rejects(opened.stack.destroy(), /protect/);
        assert.deepEqual(await listNames(), ["Namespace", "Secret"]);
    });

    it("aliases: under another name it stays what it was", async () => {
        const before = await listUids();
        opened.use(() => {
            place("renamed", { protect: false, aliases: [{ name: "place" }] });
            return Promise.resolve();
        });
        const { summary } = await opened.stack.up();
        assert.deepEqual(
            Object.keys(summary.resourceChanges ?? {}).filter((change) =>
                /create|delete|replace/.test(change),
            ),
            [],
        );
        assert.deepEqual(await listUids(), before);
    });

    it("transforms: reach every object that it creates", async () => {
        const labelled: pulumi.ResourceTransform = ({ type, props, opts }) => {
            if (!type.startsWith("kubernetes:")) return undefined;
            const metadata = {
                ...props["metadata"],
                labels: { ...props["metadata"]?.labels, [label]: "a" },
            };
            return { props: { ...props, metadata }, opts };
        };
        opened.use(() => {
            const { namespace: home } = place("renamed", {
                protect: false,
                transforms: [labelled],
            });
            new ServerDeployment("server", smallServer(home), { transforms: [labelled] });
            return Promise.resolve();
        });
        await opened.stack.up();
        const { deployment } = (await opened.stack.exportStack()) as {
            deployment: { resources: { type: string; inputs?: pulumi.Inputs }[] };
        };
        const objects = deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
        assert.ok(objects.length >= 9, String(objects.length));
        for (const { type, inputs } of objects) {
            assert.equal(inputs?.["metadata"].labels[label], "a", type);
        }
    });

    it("retainOnDelete: what it created outlives it", async () => {
        opened.use(() => {
            place("renamed", { protect: false, retainOnDelete: true });
            return Promise.resolve();
        });
        await opened.stack.up();
        await opened.stack.destroy();
        assert.deepEqual(await listNames(), ["Namespace", "Secret"]);
        await core.deleteNamespace({ name: namespace });
    });

    /** The uid of each object that `place` makes, by kind. */
    async function listUids(): Promise<[kind: string, uid: string | undefined][]> {
        const home = await core.readNamespace({ name: namespace }).catch((error: unknown) => {
            if (error instanceof ApiException && error.code === 404) return undefined;
            throw error;
        });
        const { items } = await core.listNamespacedSecret({ namespace });
        return [
            ...(home === undefined ? [] : [["Namespace", home.metadata?.uid] as [string, string]]),
            ...items.map(({ metadata }) => ["Secret", metadata?.uid] as [string, string]),
        ];
    }

    async function listNames(): Promise<string[]> {
        return (await listUids()).map(([kind]) => kind);
    }
});

const login = {
    address: "registry.example.org",
    username: "puller",
    password: pulumi.secret("a password of no registry"),
};
