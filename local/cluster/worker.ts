import { join } from "node:path";

import { paths } from "../paths.ts";
import { addresses } from "./addresses.ts";
import { cgroup } from "./cgroups.ts";
import { ensureContainerd } from "./containerd.ts";
import { nodeName } from "./credentials.ts";
import type { Credentials } from "./credentials.ts";
import { flags } from "./flags.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Node } from "./node.ts";
import { readServiceStart } from "./service.ts";
import { writeText } from "./textFile.ts";

/** Starts containerd, kubelet and kube-proxy, and waits until the node is Ready. */
export async function ensureWorker(
    node: Node,
    kubernetes: Kubernetes,
    credentials: Credentials,
): Promise<void> {
    const containerd = await ensureContainerd(node);
    const kubelet = await writeConfig("kubelet", kubeletConfig(credentials, containerd));
    await node.service({
        name: "kubelet",
        command: [
            kubernetes.program("kubelet"),
            ...flags({
                config: kubelet,
                kubeconfig: credentials.kubeConfigs.kubelet,
                "hostname-override": nodeName,
                "node-ip": addresses.node,
            }),
        ],
        files: [kubelet, credentials.kubeConfigs.kubelet, credentials.kubelet.certificate],
        ready: () => isReady(kubernetes),
    });
    const proxy = await writeConfig("kube-proxy", proxyConfig(credentials));
    await node.service({
        name: "kube-proxy",
        command: [kubernetes.program("kube-proxy"), ...flags({ config: proxy })],
        files: [proxy, credentials.kubeConfigs.proxy],
        ready: async () => (await fetch(`http://${addresses.node}:10256/healthz`)).ok,
    });
}

async function writeConfig(name: string, config: object): Promise<string> {
    const file = join(paths.platform, "configs", `${name}.json`);
    await writeText(file, JSON.stringify(config, undefined, 2));
    return file;
}

/** Whether the node is Ready by report of the current kubelet, not of one that was killed. */
async function isReady(kubernetes: Kubernetes): Promise<boolean> {
    const path =
        '{range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}';
    const said = await kubernetes.kubectl(["get", "node", nodeName, "-o", `jsonpath=${path}`]);
    const [status, heartbeat] = said.split(" ");
    const started = Math.floor((await readServiceStart("kubelet")).getTime() / 1000) * 1000;
    return status === "True" && Date.parse(heartbeat ?? "") >= started;
}

function kubeletConfig(credentials: Credentials, containerd: string): object {
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
        // A lower value needs CAP_SYS_RESOURCE, which some machines do not grant.
        oomScoreAdj: 0,
        failSwapOn: false,
        clusterDNS: [addresses.dns],
        clusterDomain: "cluster.local",
        volumePluginDir: join(paths.platform, "volume-plugins"),
        podLogsDir: join(paths.platform, "pod-logs"),
        serializeImagePulls: false,
        // Shortens the back-off of restarts, as users wait for them and one node needs no protection.
        featureGates: { KubeletCrashLoopBackOffMax: true },
        crashLoopBackOff: { maxContainerRestartPeriod: "10s" },
        // The disk belongs to the machine, and other data fill most of it.
        evictionHard: {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        imageGCHighThresholdPercent: 99,
        imageGCLowThresholdPercent: 98,
    };
}

function proxyConfig(credentials: Credentials): object {
    return {
        apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        clientConnection: { kubeconfig: credentials.kubeConfigs.proxy },
        hostnameOverride: nodeName,
        mode: "iptables",
        clusterCIDR: addresses.pods,
        oomScoreAdj: 0,
        // The size of the table is a setting of the machine, not of the node's namespace.
        conntrack: { maxPerCore: 0, min: 0 },
    };
}
