import {
    ApiextensionsV1Api,
    AppsV1Api,
    CoreV1Api,
    NetworkingV1Api,
    PatchStrategy,
    setHeaderOptions,
    type V1CustomResourceDefinition,
} from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { Json } from "../support/recordResources.ts";
import { apisixDefinitions, nginxIncDefinitions, readDefinitions } from "../support/schemas.ts";
import { testRun } from "../testRun/testRun.ts";
import { awaitRoute } from "./addServers.ts";
import { addNumbers, bearer, post } from "./post.ts";
import { changeConfiguration, type Configuration, type TestStack, testStack } from "./testStack.ts";

/** Kinds of objects that carry requests, as Pulumi names them. */
const routeTypes = /^kubernetes:(apisix[.]apache[.]org|k8s[.]nginx[.]org)\/|:Ingress$/;

/** Class of this suite, as the cluster has none. */
const ingressClass = testRun().name;

/**
 * The kind of the gateway of a live stack. There is no APISIX and no Ingress controller here: the API server checks each
 * object against the definitions, every unknown field being an error, and nothing carries requests until NGINX is back.
 */
describe("the kind of the gateway of a live stack", function () {
    this.timeout(600_000);
    let stack: TestStack;
    let original: Configuration;
    let gateway: Record<string, unknown>;
    let kept: Record<string, string>;
    let certificates: string | undefined;
    let isRestored = false;
    const installed: string[] = [];

    const configure = (changes: Record<string, unknown>) =>
        changeConfiguration(stack.stack, (configuration) => {
            const { host, port, tls } = gateway;
            configuration["slipway:gateway"] = { host, port, tls, ...changes };
        });

    async function use(changes: Record<string, unknown>): Promise<void> {
        await configure(changes);
        const controller = actAsController(stack);
        try {
            await stack.stack.preview();
            await stack.up();
        } finally {
            await controller.stop();
        }
        assert.deepEqual(await listKept(stack), kept);
        assert.equal(stack.outputs.caCertificates, certificates);
    }

    async function restore(): Promise<void> {
        await changeConfiguration(stack.stack, (current) => Object.assign(current, original));
        await stack.up();
    }

    before(async () => {
        stack = await testStack();
        original = await changeConfiguration(stack.stack, leaveOutAddresses);
        gateway = original["slipway:gateway"];
        await stack.up();
        kept = await listKept(stack);
        certificates = stack.outputs.caCertificates;
        const metadata = { name: ingressClass };
        const body = { metadata, spec: { controller: "example.org/none" } };
        await stack.kubeConfig.makeApiClient(NetworkingV1Api).createIngressClass({ body });
    });

    after(async () => {
        try {
            if (!isRestored) await restore();
        } finally {
            const api = stack.kubeConfig.makeApiClient(ApiextensionsV1Api);
            const networking = stack.kubeConfig.makeApiClient(NetworkingV1Api);
            await networking.deleteIngressClass({ name: ingressClass });
            for (const name of installed) await api.deleteCustomResourceDefinition({ name });
        }
    });

    it("is refused in a preview where the cluster lacks what it needs", async () => {
        await configure({ kind: "apisix", tls: { secretName: "x" } });
        await assert.rejects(stack.stack.preview(), (error: Error) =>
            [/gateway\.kind: must go with/, /gateway\.tls\.secretName: must be a Secret/].every(
                (line) => line.test(error.message),
            ),
        );
    });

    it("can become an Ingress: servers, clients and certificate stay as they are", async () => {
        await use({ kind: "ingress", flavor: "ingress-nginx", ingressClassName: ingressClass });
        const routes = await listRoutes(stack);
        assert.ok(routes.every(({ type }) => type.endsWith(":Ingress")));
        assertStored(routes);
    });

    it("can become APISIX: the API server stores every field, of controller 1.8 and 2.2", async () => {
        await install(stack, readDefinitions(apisixDefinitions["1.8"]), installed);
        const toolLimits = [
            { server: "add-numbers", tools: ["add_numbers"], calls: 9, seconds: 1 },
        ];
        await use({ kind: "apisix", toolLimits });
        const routes = await listRoutes(stack);
        const kinds = new Set(routes.map(({ inputs }) => inputs.kind));
        assert.deepEqual([...kinds].sort(), ["ApisixRoute", "ApisixTls", "ApisixUpstream"]);
        assertStored(routes);
        await install(stack, readDefinitions(apisixDefinitions["2.2"]), installed);
        await stack.stack.refresh();
        assertStored(await listRoutes(stack));
    });

    it("can become F5's controller: the API server stores every field", async () => {
        await install(stack, readDefinitions(nginxIncDefinitions), installed);
        await use({ kind: "ingress", flavor: "nginx-inc", ingressClassName: ingressClass });
        const routes = await listRoutes(stack);
        const kinds = new Set(routes.map(({ inputs }) => inputs.kind));
        assert.deepEqual([...kinds].sort(), ["Policy", "VirtualServer", "VirtualServerRoute"]);
        assertStored(routes);
    });

    it("can become NGINX again, under which the same client calls the same server", async () => {
        await restore();
        isRestored = true;
        await awaitRoute("add-numbers");
        const all = await listKept(stack);
        for (const [name, id] of Object.entries(kept)) {
            // The certificate has one more host again.
            if (!name.startsWith("Secret gateway-tls")) assert.equal(all[name], id, name);
        }
        assert.deepEqual(await listRoutes(stack), []);
        const headers = bearer(await stack.token("agent"));
        const { status } = await post(stack.outputs.endpoints["add-numbers"]!, addNumbers, headers);
        assert.equal(status, 200);
    });
});

/** Leaves out servers at an address instead of a host name, which no Ingress can lead to. */
function leaveOutAddresses(configuration: Configuration): void {
    const servers = configuration["slipway:servers"] as { name: string; host?: string }[];
    const staying = servers.filter(({ host = "" }) => isIP(host) === 0);
    const names = new Set(staying.map(({ name }) => name));
    configuration["slipway:servers"] = staying;
    const clients = configuration["slipway:identity"].clients as { servers: string[] }[];
    for (const client of clients) {
        client.servers = client.servers.filter((server) => names.has(server));
    }
}

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

/** Installs definitions, or other versions of them, and waits until objects can be created. */
async function install(
    { kubeConfig }: TestStack,
    definitions: V1CustomResourceDefinition[],
    installed: string[],
): Promise<void> {
    const api = kubeConfig.makeApiClient(ApiextensionsV1Api);
    for (const body of definitions) {
        const name = body.metadata!.name!;
        if (installed.includes(name)) {
            const { metadata: found } = await api.readCustomResourceDefinition({ name });
            const metadata = { ...body.metadata, resourceVersion: found?.resourceVersion };
            await api.replaceCustomResourceDefinition({ name, body: { ...body, metadata } });
            continue;
        }
        await api.createCustomResourceDefinition({ body });
        installed.push(name);
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
