import {
    ApiextensionsV1Api,
    AppsV1Api,
    CoreV1Api,
    NetworkingV1Api,
    PatchStrategy,
    setHeaderOptions,
} from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { StackOutputs } from "../../verify/outputs.ts";
import { verifyStack } from "../../verify/verifyStack.ts";
import type { Json } from "../support/recordResources.ts";
import { apisixDefinitions, nginxIncDefinitions, readDefinitions } from "../support/schemas.ts";
import { clusterKinds, markDefinition } from "../testRun/clusterKinds.ts";
import { findRunName, testRun } from "../testRun/testRun.ts";
import { closeSmallStack, deploySmallStack } from "./smallStack.ts";
import { changeConfiguration, type TestStack } from "./testStack.ts";

/** Kinds of objects that carry requests, as Pulumi names them. */
const routeTypes = /^kubernetes:(apisix[.]apache[.]org|k8s[.]nginx[.]org)\/|:Ingress$/;

const run = testRun();
/** Class of this suite, as the cluster has none. */
const ingressClass = run.name;

/**
 * The kind of the gateway of a live stack, which is the suite's own. There is no APISIX and no Ingress controller here: the
 * API server checks each object against the definitions, every unknown field being an error, and nothing carries requests
 * until NGINX is back.
 */
describe("the kind of the gateway of a live stack", function () {
    this.timeout(600_000);
    let stack: TestStack;
    let nginx: Record<string, unknown>;
    let kept: Record<string, string>;
    let outputs: StackOutputs;

    const configure = (gateway: Record<string, unknown>) =>
        changeConfiguration(stack.stack, (configuration) => {
            configuration["slipway:gateway"] = gateway;
        });

    const of = (changes: Record<string, unknown>) => {
        const { host, port, tls, verifier } = nginx;
        return { host, port, tls, verifier, ...changes };
    };

    async function use(gateway: Record<string, unknown>): Promise<void> {
        await configure(gateway);
        const controller = actAsController(stack);
        try {
            await stack.stack.preview();
            await stack.up();
        } finally {
            await controller.stop();
        }
        assert.deepEqual(await listKept(stack), kept);
        const { caCertificates, clientSecrets, endpoints } = stack.outputs;
        assert.equal(caCertificates, outputs.caCertificates);
        assert.deepEqual([clientSecrets, endpoints], [outputs.clientSecrets, outputs.endpoints]);
    }

    before(async () => {
        stack = await deploySmallStack("kinds");
        nginx = (await changeConfiguration(stack.stack, () => undefined))["slipway:gateway"];
        kept = await listKept(stack);
        outputs = stack.outputs;
        const metadata = { name: ingressClass };
        const body = { metadata, spec: { controller: "example.org/none" } };
        await stack.kubeConfig.makeApiClient(NetworkingV1Api).createIngressClass({ body });
    });

    after(async () => {
        if (stack !== undefined) await closeSmallStack(stack);
        for (const { list, remove } of Object.values(clusterKinds)) {
            const own = (await list()).filter((name) => findRunName(name) === run.name);
            await remove(own);
        }
    });

    it("is refused in a preview where the cluster lacks what it needs", async () => {
        await configure(of({ kind: "apisix", tls: { secretName: "x" } }));
        const printed: string[] = [];
        const onOutput = (text: string) => void printed.push(text);
        await assert.rejects(stack.stack.preview({ onOutput }));
        assert.match(printed.join(""), /gateway\.kind: must go with/);
        assert.match(printed.join(""), /gateway\.tls\.secretName: must be a Secret/);
    });

    it("can become an Ingress: servers, clients and certificate stay as they are", async () => {
        await use(of({ kind: "ingress", flavor: "ingress-nginx", ingressClassName: ingressClass }));
        const routes = await listRoutes(stack);
        assert.ok(routes.every(({ type }) => type.endsWith(":Ingress")));
        assertStored(routes);
    });

    it("can become APISIX: the API server stores every field, of controller 1.8 and 2.2", async () => {
        await install(stack, apisixDefinitions["1.8"]);
        const toolLimits = [
            { server: "add-numbers", tools: ["add_numbers"], calls: 9, seconds: 1 },
        ];
        await use(of({ kind: "apisix", toolLimits }));
        const routes = await listRoutes(stack);
        const kinds = new Set(routes.map(({ inputs }) => inputs.kind));
        assert.deepEqual([...kinds].sort(), ["ApisixRoute", "ApisixTls", "ApisixUpstream"]);
        assertStored(routes);
        await install(stack, apisixDefinitions["2.2"]);
        await stack.stack.refresh();
        assertStored(await listRoutes(stack));
    });

    it("can become F5's controller: the API server stores every field", async () => {
        await install(stack, nginxIncDefinitions);
        await use(of({ kind: "ingress", flavor: "nginx-inc", ingressClassName: ingressClass }));
        const routes = await listRoutes(stack);
        const kinds = new Set(routes.map(({ inputs }) => inputs.kind));
        assert.deepEqual([...kinds].sort(), ["Policy", "VirtualServer", "VirtualServerRoute"]);
        assertStored(routes);
    });

    it("can become NGINX again, under which the same clients call the same servers", async () => {
        await use(nginx);
        assert.deepEqual(await listRoutes(stack), []);
        await verifyStack(stack.outputs, { patienceMs: 60_000 });
    });
});

/** Ids of everything that a change of kind must not touch: pods' owners, Services, Secrets, by kind and name. */
async function listKept({
    kubeConfig,
    name: namespace,
}: TestStack): Promise<Record<string, string>> {
    const apps = kubeConfig.makeApiClient(AppsV1Api);
    const core = kubeConfig.makeApiClient(CoreV1Api);
    const [deployments, services, secrets] = await Promise.all([
        apps.listNamespacedDeployment({ namespace }),
        core.listNamespacedService({ namespace }),
        core.listNamespacedSecret({ namespace }),
    ]);
    const objects = [
        ...deployments.items.map((item) => ({ kind: "Deployment", ...item })),
        ...services.items.map((item) => ({ kind: "Service", ...item })),
        ...secrets.items.map((item) => ({ kind: "Secret", ...item })),
    ];
    // Those of the gateway itself and of its configuration.
    const kept = objects.filter(
        ({ metadata }) => !/^gateway/.test(metadata?.labels?.["app.kubernetes.io/component"] ?? ""),
    );
    return Object.fromEntries(
        kept
            .map(
                ({ kind, metadata }) => [`${kind} ${metadata?.name}`, metadata?.uid ?? ""] as const,
            )
            .sort(([one], [other]) => one.localeCompare(other)),
    );
}

interface StoredRoute {
    type: string;
    inputs: Json;
    outputs: Json;
}

/** The objects that carry requests, as the program wanted them and as the API server has them. */
async function listRoutes({ stack }: TestStack): Promise<StoredRoute[]> {
    const { deployment } = await stack.exportStack();
    const { resources } = deployment as { resources: StoredRoute[] };
    return resources.filter(({ type }) => routeTypes.test(type));
}

/** Fails when the API server dropped or changed a field. */
function assertStored(routes: StoredRoute[]): void {
    assert.ok(routes.length > 0);
    for (const { inputs, outputs } of routes) {
        assert.deepEqual(within(outputs.spec, inputs.spec), inputs.spec, inputs.kind);
    }
}

/** The part of `stored` that `wanted` names; the API server adds defaults. */
function within(stored: Json, wanted: Json): Json {
    if (Array.isArray(wanted)) return wanted.map((one, index) => within(stored?.[index], one));
    if (typeof wanted !== "object" || wanted === null) return stored;
    return Object.fromEntries(
        Object.entries(wanted).map(([key, one]) => [key, within(stored?.[key], one)]),
    );
}

/** Installs the definitions of a file, or other versions of them, and waits until objects can be created. */
async function install({ kubeConfig }: TestStack, file: string): Promise<void> {
    const api = kubeConfig.makeApiClient(ApiextensionsV1Api);
    const { items } = await api.listCustomResourceDefinition();
    for (const definition of readDefinitions(file)) {
        const body = markDefinition(definition, run.name);
        const name = body.metadata!.name!;
        const found = items.find(({ metadata }) => metadata?.name === name);
        if (found === undefined) {
            await api.createCustomResourceDefinition({ body });
        } else {
            const metadata = { ...body.metadata, resourceVersion: found.metadata?.resourceVersion };
            await api.replaceCustomResourceDefinition({ name, body: { ...body, metadata } });
        }
        await awaitEstablished(api, name);
    }
}

async function awaitEstablished(api: ApiextensionsV1Api, name: string): Promise<void> {
    for (;;) {
        const { status } = await api.readCustomResourceDefinition({ name });
        const found = status?.conditions?.find(({ type }) => type === "Established");
        if (found?.status === "True") return;
        await sleep(100);
    }
}

/** Gives Ingresses an address, as a controller does, for which Pulumi waits. */
function actAsController({ kubeConfig, name: namespace }: TestStack) {
    const api = kubeConfig.makeApiClient(NetworkingV1Api);
    const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    const body = { status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } } };
    let stopped = false;
    const run = async () => {
        while (!stopped) {
            const { items } = await api.listNamespacedIngress({ namespace });
            for (const { metadata, status } of items) {
                if (status?.loadBalancer?.ingress !== undefined) continue;
                const name = metadata?.name ?? "";
                await api.patchNamespacedIngressStatus({ name, namespace, body }, asMergePatch);
            }
            await sleep(500);
        }
    };
    const running = run();
    return {
        stop: async () => {
            stopped = true;
            await running;
        },
    };
}
