import assert from "node:assert/strict";
import { connect } from "node:net";

import { addresses, ports } from "../../local/cluster/addresses.ts";
import { ensureKubernetes } from "../../local/cluster/kubernetes.ts";
import { ensureNode } from "../../local/cluster/node.ts";
import { run } from "../../local/cluster/run.ts";

/** All listening ports of the node. */
const listening = { ...ports, apiServer: 6443, kubelet: 10250, etcd: 2379, etcdPeers: 2380 };
/** Ports reachable from the machine, at the node's address or on its own loopback. */
const reachable = {
    [addresses.node]: [listening.apiServer, listening.kubelet],
    "127.0.0.1": [ports.keycloak, ports.registry],
};

const neighbour = "slipway-neighbour";
const cable = { ours: "slipway-nb0", machine: "10.203.12.1", neighbour: "10.203.12.2" };

/** Script that prints 'open' when a port accepts a connection, and then exits. */
const knock = (host: string, port: number) => `
    const socket = require("node:net").connect({ host: "${host}", port: ${port}, timeout: 2000 });
    const tell = (text) => { console.log(text); process.exit(0); };
    socket.on("connect", () => tell("open")).on("timeout", () => tell("no answer"));
    socket.on("error", ({ code }) => tell(code));
`;

describe("the node of the embedded platform", function () {
    this.timeout(120_000);

    before(async () => {
        await ensureNode();
        await run("ip", ["netns", "add", neighbour]);
        const peer = ["peer", "name", "eth0", "netns", neighbour];
        await run("ip", ["link", "add", cable.ours, "type", "veth", ...peer]);
        await run("ip", ["addr", "add", `${cable.machine}/30`, "dev", cable.ours]);
        await run("ip", ["link", "set", cable.ours, "up"]);
        const inside = ["-n", neighbour];
        await run("ip", [...inside, "addr", "add", `${cable.neighbour}/30`, "dev", "eth0"]);
        await run("ip", [...inside, "link", "set", "eth0", "up"]);
        await run("ip", [...inside, "route", "add", "default", "via", cable.machine]);
    });

    after(async () => {
        await run("ip", ["netns", "del", neighbour]);
    });

    for (const [host, hostPorts] of Object.entries(reachable)) {
        it(`is reachable from its machine at ${host}`, async () => {
            for (const port of hostPorts) assert.equal(await answers(host, port), true, `${port}`);
        });
    }

    it("has a neighbour that reaches the machine itself", async () => {
        const ping = ["netns", "exec", neighbour, process.execPath, "--eval"];
        const said = await run("ip", [...ping, knock(cable.machine, 1)]);
        assert.equal(said.trim(), "ECONNREFUSED");
    });

    for (const [name, port] of Object.entries(listening)) {
        it(`does not answer a neighbour that routes packets to the port of ${name}`, async () => {
            for (const host of [addresses.node, cable.machine]) {
                const enter = ["netns", "exec", neighbour, process.execPath, "--eval"];
                const said = await run("ip", [...enter, knock(host, port)]);
                assert.notEqual(said.trim(), "open", `${host}:${port}`);
            }
        });
    }

    it("does not let pods connect to the registry or to the machine", async () => {
        const kubernetes = await ensureKubernetes(process.env["KUBECONFIG"] ?? "");
        const targets = [addresses.node, addresses.machine].map((host) =>
            knock(host, ports.registry).replaceAll("\n", " "),
        );
        // The same pod must reach the API server, so that a pod without network fails the test.
        const control = knock(addresses.apiService, 443).replaceAll("\n", " ");
        const name = "slipway-neighbour";
        const script = [...targets, control].map((text) => `node --eval '${text}'`).join("; ");
        const pod = ["run", name, "--image=docker.io/library/node:24.21.0-trixie-slim"];
        try {
            await kubernetes.kubectl([
                ...pod,
                "--restart=Never",
                "--command",
                "--",
                "sh",
                "-c",
                script,
            ]);
            const done = "--for=jsonpath={.status.phase}=Succeeded";
            await kubernetes.kubectl(["wait", `pod/${name}`, done, "--timeout=60s"]);
            const said = (await kubernetes.kubectl(["logs", name])).trim().split("\n");
            assert.deepEqual(said.slice(2), ["open"]);
            for (const answer of said.slice(0, 2)) assert.notEqual(answer, "open");
        } finally {
            await kubernetes.kubectl(["delete", "pod", name, "--ignore-not-found", "--now"]);
        }
    });
});

function answers(host: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect({ host, port, timeout: 2000 });
        const end = (answer: boolean) => {
            socket.destroy();
            resolve(answer);
        };
        socket.on("connect", () => end(true));
        socket.on("error", () => end(false));
        socket.on("timeout", () => end(false));
    });
}
