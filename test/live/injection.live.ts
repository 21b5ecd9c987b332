import { CoreV1Api, Exec, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Writable } from "node:stream";

import {
    ServerDeployment,
    type ServerDeploymentArgs,
    ServerImage,
    ServerNamespace,
} from "../../components/index.ts";
import { projectRoot } from "../../local/stack.ts";
import { openProviderStack, type ProviderStack } from "../providers/providerStack.ts";
import { callThroughApiServer } from "./apiServerProxy.ts";

const namespace = "slipway-injection";
/** A registry that DOCKER_HOST may push to, and nodes pull from. */
const registry = {
    address: `${process.env["SLIPWAY_TEST_REGISTRY"] ?? "localhost:30500"}/${namespace}`,
};

/** Servers of one image: one is run by musl's loader, one by none. Neither finds a shell, glibc or Node in it. */
const servers = [
    { name: "on-musl", command: ["/server"], loader: /loader \/lib\/ld-musl-[a-z0-9_]+\.so\.1,/ },
    { name: "on-nothing", command: ["/server-static"], loader: /loader none,/ },
];

describe("the bridge in an image without glibc, shell and Node", function () {
    this.timeout(600_000);
    const kube = new KubeConfig();
    let stack: ProviderStack;

    before(async () => {
        kube.loadFromDefault();
        const apiHost = new URL(kube.getCurrentCluster()?.server ?? "").hostname;
        stack = await openProviderStack(["docker", "kubernetes", "random"], {
            environment: {},
            official: true,
        });
        stack.use(() => {
            const place = new ServerNamespace("place", { namespace });
            const build = (name: string, directory: string) =>
                new ServerImage(name, { directory: join(projectRoot, directory), registry });
            const bridge = build("bridge", "images/bridge");
            const image = build("musl-server", "test/live/fixtures/muslServer");
            const shared: Omit<ServerDeploymentArgs, "command"> = {
                namespace: place.namespace,
                image: image.reference,
                bridge: { image: bridge.reference },
                allowedHosts: [apiHost],
                replicas: { min: 1, max: 1 },
                drainSeconds: 1,
                longestCallSeconds: 5,
            };
            for (const { name, command } of servers) {
                new ServerDeployment(name, { ...shared, command });
            }
            return Promise.resolve();
        });
        await stack.stack.up();
    });

    after(async () => {
        await stack?.stack.destroy();
        await stack?.close();
    });

    for (const { name, loader } of servers) {
        it(`serves the server ${name}, which keeps its own C library and gets no variable of the bridge`, async () => {
            const { result } = await callThroughApiServer(kube, `${namespace}/${name}`, {
                method: "tools/call",
                params: { name: "describe", arguments: {} },
            });
            const [content] = (result as { content: { text: string }[] }).content;
            assert.match(content?.text ?? "", /^library musl,/);
            assert.match(content?.text ?? "", loader);
            assert.match(content?.text ?? "", /environment( (PATH|HOME|HOSTNAME))*$/);
        });
    }

    it("resolves names of the cluster where there is no file of a C library to say how", async () => {
        const script =
            "require('node:dns').lookup('kubernetes.default.svc.cluster.local'," +
            "(error, address) => console.log(error?.code ?? address))";
        const output = await run(kube, "on-musl", ["/slipway/bin/node", "-e", script]);
        assert.match(output, /^\d+\.\d+\.\d+\.\d+\n$/);
    });
});

/** What a program prints in the pod of a server. */
async function run(kube: KubeConfig, server: string, command: string[]): Promise<string> {
    const { items } = await kube
        .makeApiClient(CoreV1Api)
        .listNamespacedPod({ namespace, labelSelector: `app.kubernetes.io/name=${server}` });
    const pod = items[0]?.metadata?.name ?? "";
    let output = "";
    const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
            output += chunk.toString();
            done();
        },
    });
    await new Promise((resolve, reject) => {
        new Exec(kube)
            .exec(namespace, pod, "server", command, sink, sink, null, false, resolve)
            .catch(reject);
    });
    return output;
}
