import {
    CoreV1Api,
    AppsV1Api,
    KubeConfig,
    PatchStrategy,
    setHeaderOptions,
} from "@kubernetes/client-node";
import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { testRun } from "../testRun/testRun.ts";
import { describeContract, describeMaking, describeSteps } from "./contract.ts";
import { openProviderStack } from "./providerStack.ts";

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

const environment = { KUBECONFIG: process.env.KUBECONFIG ?? "" };
const namespace = `${testRun().name}-contract`;
// Without it, the official plugin refuses to take back a field that another manager set.
const force = { "pulumi.com/patchForce": "true" };

const home = () => new k8s.core.v1.Namespace("home", { metadata: { name: namespace } });

const configMapOf =
    (
        data: Record<string, string>,
        labels: Record<string, string> = {},
        annotations: Record<string, string> = force,
    ) =>
    () => {
        const metadata = { namespace: home().metadata.name, labels, annotations };
        const map = new k8s.core.v1.ConfigMap("subject", { metadata, data });
        const authority = k8s.core.v1.ConfigMap.get("authority", "default/kube-root-ca.crt");
        return Promise.resolve({ name: map.metadata.name, authority: authority.data["ca.crt"] });
    };

/** The test's own ConfigMaps, without the one that the cluster adds to every namespace. */
async function configMaps() {
    const { items } = await core.listNamespacedConfigMap({ namespace });
    return items.filter(({ metadata }) => metadata?.name?.startsWith("subject"));
}

/** Sets the label as another field manager, which owns it from then on. */
async function relabel(): Promise<void> {
    const [map] = await configMaps();
    const body = { metadata: { labels: { stage: "meddled" } } };
    const name = map?.metadata?.name ?? "";
    await core.patchNamespacedConfigMap({ namespace, name, body }, asMergePatch);
}

await describeContract({
    title: "kubernetes ConfigMap",
    type: "kubernetes:core/v1:ConfigMap",
    packages: ["kubernetes"],
    environment,
    first: configMapOf({ greeting: "hello" }, { stage: "one" }),
    updates: [configMapOf({ greeting: "hello" }, { stage: "two" })],
    replaced: configMapOf({ greeting: "goodbye" }, { stage: "two" }),
    broken: { program: configMapOf({ "no key!": "" }), message: /a valid config key/ },
    outside: {
        look: async () =>
            (await configMaps())
                .map(({ data, metadata }) => JSON.stringify([metadata?.labels, data]))
                .join("\n"),
        meddle: relabel,
    },
    verify: ({ name, authority }) => {
        assert.match(String(name), /^subject-[0-9a-f]{8}$/);
        assert.match(String(authority), /^-----BEGIN CERTIFICATE-----/);
    },
});

const greeting = { greeting: "hello" };

await describeSteps(
    { title: "a field that someone else manages", packages: ["kubernetes"], environment },
    [
        [
            "is refused without patchForce",
            async (opened) => {
                opened.use(configMapOf(greeting, { stage: "one" }, {}));
                await opened.stack.up();
                await relabel();
                opened.use(configMapOf(greeting, { stage: "two" }, {}));
                await assert.rejects(opened.stack.up(), /conflict[^]*patchForce/i);
                assert.equal((await configMaps())[0]?.metadata?.labels?.["stage"], "meddled");
            },
        ],
        [
            "is taken with patchForce",
            async (opened) => {
                opened.use(configMapOf(greeting, { stage: "two" }, force));
                await opened.stack.up();
                assert.equal((await configMaps())[0]?.metadata?.labels?.["stage"], "two");
            },
        ],
    ],
);

const password = "a password that nobody may see";

await describeMaking({
    title: "kubernetes Secret",
    type: "kubernetes:core/v1:Secret",
    packages: ["kubernetes"],
    environment,
    first: () => {
        const metadata = { namespace: home().metadata.name };
        const stringData = { password: pulumi.secret(password), open: "sesame, sesame" };
        const secret = new k8s.core.v1.Secret("subject", { metadata, stringData });
        return Promise.resolve({ data: secret.data });
    },
    secrets: () => [password, "sesame, sesame"],
    verify: ({ data }) => {
        const { password: encoded } = data as Record<string, string>;
        assert.equal(Buffer.from(encoded ?? "", "base64").toString(), password);
    },
});

interface Workload {
    app: string;
    image?: string;
    word?: string;
    timeoutSeconds?: string;
}

const workloadOf =
    ({ app, image = "nginx:1.31.3", word = "one", timeoutSeconds = "120" }: Workload) =>
    () => {
        const labels = { app };
        const metadata = {
            namespace: home().metadata.name,
            annotations: { ...force, "pulumi.com/timeoutSeconds": timeoutSeconds },
        };
        const container = {
            name: "sleeper",
            image,
            command: ["sleep", "3600"],
            env: [{ name: "WORD", value: pulumi.secret(`${word} that nobody may see`) }],
            // Not in the server's notation, which is no drift.
            resources: { requests: { cpu: "0.01" }, limits: { memory: "65536Ki" } },
        };
        const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
        const deployment = new k8s.apps.v1.Deployment("subject", {
            metadata,
            spec: {
                replicas: 1,
                selector: { matchLabels: labels },
                template: { metadata: { labels }, spec },
            },
        });
        const service = new k8s.core.v1.Service("service", {
            metadata,
            spec: { selector: labels, ports: [{ port: 80 }] },
        });
        return Promise.resolve({ name: deployment.metadata.name, address: service.spec.clusterIP });
    };

async function workloads(): Promise<string> {
    const { items } = await apps.listNamespacedDeployment({ namespace });
    const pods = (await core.listNamespacedPod({ namespace })).items;
    const told = items.map(({ spec }) => {
        const [container] = spec?.template.spec?.containers ?? [];
        return JSON.stringify([spec?.replicas, spec?.selector, container?.image, container?.env]);
    });
    return told.length === 0 && pods.length > 0 ? `${pods.length} pods are left` : told.join("\n");
}

await describeContract({
    title: "kubernetes Deployment",
    type: "kubernetes:apps/v1:Deployment",
    packages: ["kubernetes"],
    environment,
    first: workloadOf({ app: "one" }),
    updates: [workloadOf({ app: "one", word: "two" })],
    replaced: workloadOf({ app: "two", word: "two" }),
    broken: {
        program: workloadOf({
            app: "two",
            image: "localhost:1/nothing:1.0.0",
            timeoutSeconds: "10",
        }),
        message: /ErrImagePull|ImagePullBackOff/,
    },
    outside: {
        look: workloads,
        meddle: async () => {
            const { items } = await apps.listNamespacedDeployment({ namespace });
            const name = items[0]?.metadata?.name ?? "";
            const body = { spec: { replicas: 2 } };
            await apps.patchNamespacedDeployment({ namespace, name, body }, asMergePatch);
        },
    },
    secrets: () => ["one that nobody may see"],
    verify: async ({ address }) => {
        assert.match(String(address), /^[0-9a-f.:]+$/);
        // The Deployment is ready without a wait.
        const { items } = await apps.listNamespacedDeployment({ namespace });
        assert.equal(items[0]?.status?.availableReplicas, 1);
    },
});

describe("an update in which a resource fails", function () {
    this.timeout(180_000);

    it("does not wait for a Service whose pods will not be created", async () => {
        const packages = ["kubernetes", "docker"] as const;
        const { DOCKER_HOST = "" } = process.env;
        const opened = await openProviderStack(packages, {
            environment: { ...environment, DOCKER_HOST },
            official: false,
        });
        const context = await mkdtemp(join(tmpdir(), "slipway-broken-"));
        try {
            await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY missing.txt /\n");
            opened.use(() => {
                const ours = home();
                const metadata = { namespace: ours.metadata.name };
                const spec = { selector: { app: "none" }, ports: [{ port: 80 }] };
                const service = new k8s.core.v1.Service("service", { metadata, spec });
                const imageName = `localhost:30500/${namespace}:1.0.0`;
                const build = { context, dockerfile: join(context, "Dockerfile") };
                const image = { imageName, build, skipPush: true };
                new docker.Image("image", image, { dependsOn: ours });
                return Promise.resolve({ service: service.id });
            });
            const started = Date.now();
            await assert.rejects(opened.stack.up(), (error: Error) => {
                assert.match(error.message, /missing\.txt/);
                assert.match(
                    error.message,
                    /Service '.*' is not ready \(failed\): no Deployment creates pods for its selector, and none will: another resource failed/,
                );
                return true;
            });
            assert.ok(Date.now() - started < 60_000, "it waited");
        } finally {
            await opened.stack.destroy();
            await opened.close();
            await rm(context, { recursive: true });
        }
    });
});
