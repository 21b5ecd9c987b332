import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { addresses } from "./addresses.ts";
import { cgroup } from "./cgroups.ts";
import { ensureContainerd } from "./containerd.ts";
import { flags } from "./controlPlane.ts";
import { nodeName } from "./credentials.ts";
import type { Credentials } from "./credentials.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Node } from "./node.ts";

/** Starts containerd, kubelet and kube-proxy, and waits until the cluster calls the node ready. */
export async function ensureWorker(
    node: Node,
    kubernetes: Kubernetes,
    credentials: Credentials,
): Promise<void> {
    const containerd = await ensureContainerd(node);
    const configs = join(paths.platform, "configs");
    await mkdir(configs, { recursive: true });
    const write = async (name: string, config: object) => {
        const file = join(configs, `${name}.json`);
        await writeFile(file, JSON.stringify(config, undefined, 2));
        return file;
    };
    await node.service({
        name: "kubelet",
        command: [
            kubernetes.program("kubelet"),
            ...flags({
                config: await write("kubelet", await kubeletConfig(credentials, containerd)),
                kubeconfig: credentials.kubeConfigs.kubelet,
                "hostname-override": nodeName,
                "node-ip": addresses.node,
            }),
        ],
        ready: async () => {
            const path = '{.status.conditions[?(@.type=="Ready")].status}';
            const output = ["-o", `jsonpath=${path}`];
            return (await kubernetes.kubectl(["get", "node", nodeName, ...output])) === "True";
        },
    });
    await node.service({
        name: "kube-proxy",
        command: [
            kubernetes.program("kube-proxy"),
            ...flags({ config: await write("kube-proxy", proxyConfig(credentials)) }),
        ],
        ready: async () => {
            await node.enter("curl", ["-sf", "http://127.0.0.1:10256/healthz"]);
            return true;
        },
    });
}

async function kubeletConfig(credentials: Credentials, containerd: string): Promise<object> {
    const resolvConf = join(paths.platform, "configs/resolv.conf");
    await writeFile(resolvConf, await readNameservers());
    return {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        address: "0.0.0.0",
        authentication: {
            anonymous: { enabled: false },
            webhook: { enabled: true },
            x509: { clientCAFile: credentials.authority.certificate },
        },
        authorization: { mode: "Webhook" },
        tlsCertFile: credentials.kubelet.certificate,
        tlsPrivateKeyFile: credentials.kubelet.key,
        containerRuntimeEndpoint: `unix://${containerd}`,
        cgroupDriver: "cgroupfs",
        cgroupRoot: `/${cgroup}`,
        failCgroupV1: false,
        failSwapOn: false,
        clusterDNS: [addresses.dns],
        clusterDomain: "cluster.local",
        resolvConf,
        podLogsDir: join(paths.platform, "pod-logs"),
        serializeImagePulls: false,
        // The disk is the machine's, and mostly full of other things.
        evictionHard: {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        imageGCHighThresholdPercent: 99,
        imageGCLowThresholdPercent: 98,
    };
}

/** The machine's name servers, without those of its loopback, which the node cannot reach. */
async function readNameservers(): Promise<string> {
    const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
    for (const file of files) {
        const text = await readFile(file, "utf8").catch(() => "");
        const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server]) => server!);
        const reachable = servers.filter((server) => !server.startsWith("127.") && server !== "::1");
        if (reachable.length > 0) {
            return reachable.map((server) => `nameserver ${server}\n`).join("");
        }
    }
    return "";
}

function proxyConfig(credentials: Credentials): object {
    return {
        apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        clientConnection: { kubeconfig: credentials.kubeConfigs.proxy },
        hostnameOverride: nodeName,
        mode: "iptables",
        clusterCIDR: addresses.pods,
        // The table's size belongs to the machine, not to the node's namespace.
        conntrack: { maxPerCore: 0, min: 0 },
    };
}
