import { CoreV1Api, Exec, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { Writable } from "node:stream";

import { testRun } from "../testRun/testRun.ts";
import { postThroughApiServer } from "./apiServerProxy.ts";
import { deployMuslServers } from "./muslServers.ts";

const namespace = `${testRun().name}-injection`;

/** Servers of one image: one is run by musl's loader, one by none. Neither finds a shell, glibc or Node in it. */
const servers = [
    { name: "on-musl", command: ["/server"], loader: /loader \/lib\/ld-musl-[a-z0-9_]+\.so\.1,/ },
    { name: "on-nothing", command: ["/server-static"], loader: /loader none,/ },
];

describe("the bridge in an image without glibc, shell and Node", function () {
    this.timeout(600_000);
    const kube = new KubeConfig();
    let remove: (() => Promise<void>) | undefined;

    before(async () => {
        kube.loadFromDefault();
        const replicas = { min: 1, max: 1 };
        remove = await deployMuslServers(
            namespace,
            servers.map(({ name, command }) => ({ name, command, replicas })),
        );
    });

    after(() => remove?.());

    for (const { name, loader } of servers) {
        it(`serves the server ${name}, which keeps its own C library and gets no variable of the bridge`, async () => {
            const target = { namespace, kind: "services" as const, name };
            const params = { name: "describe", arguments: {} };
            const message = { method: "tools/call", params };
            const { status, text } = await postThroughApiServer(kube, target, message);
            assert.equal(status, 200, text);
            const { result } = JSON.parse(text) as { result: { content: { text: string }[] } };
            const description = result.content[0]?.text ?? "";
            assert.match(description, /^library musl,/);
            assert.match(description, loader);
            assert.match(description, /environment( (PATH|HOME|HOSTNAME))*$/);
        });
    }

    it("resolves names of the cluster where there is no file of a C library to say how", async () => {
        const script =
            "require('node:dns').lookup('kubernetes.default.svc.cluster.local'," +
            "(error, address) => console.log(error?.code ?? address))";
        const output = await run(kube, "on-musl", ["/slipway/bin/node", "-e", script]);
        assert.match(output, /^\d+\.\d+\.\d+\.\d+\n$/);
    });

    it("shows its processes, which know the session key, to no program of their user", async () => {
        const script =
            "const { readdirSync, readFileSync } = require('node:fs');" +
            "for (const id of readdirSync('/proc')) if (/^[0-9]+$/.test(id) && +id !== process.pid) {" +
            "const name = readFileSync('/proc/' + id + '/comm', 'utf8').trim();" +
            "let found; try { found = readFileSync('/proc/' + id + '/environ').length > 0 } catch ({ code }) { found = code }" +
            "console.log(name, found) }";
        const output = await run(kube, "on-musl", ["/slipway/bin/node", "-e", script]);
        // The server's own shows that there is something to read.
        assert.deepEqual(output.trim().split("\n").sort(), [
            // Node's name for itself.
            "MainThread EACCES",
            "init EACCES",
            "server true",
        ]);
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
