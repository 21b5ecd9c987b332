import { join } from "node:path";

import { paths } from "../paths.ts";
import { addresses, containerdSocket, ports } from "./addresses.ts";
import { importImage } from "./scratchImage.ts";
import { requirePluginDirectory } from "./networkPlugins.ts";
import type { Node } from "./node.ts";
import { readProxies } from "./proxies.ts";
import { writeText } from "./textFile.ts";

const pauseImage = "slipway.local/pause:3.10";

/** Starts the cluster's own containerd, with its own root, state and socket. Returns the path of the socket. */
export async function ensureContainerd(node: Node): Promise<string> {
    const configs = join(paths.platform, "configs");
    const network = join(configs, "cni");
    await writeText(join(network, "10-slipway.conflist"), JSON.stringify(podNetwork(node.mtu)));
    const hosts = join(configs, "registries");
    for (const [registry, text] of Object.entries(renderHosts())) {
        await writeText(join(hosts, registry, "hosts.toml"), text);
    }
    const config = join(configs, "containerd.toml");
    await writeText(config, renderConfig(network, hosts));
    await node.service({
        name: "containerd",
        command: ["containerd", "--config", config],
        environment: readProxies(process.env),
        files: [config],
        ready: async () => {
            await node.enter("ctr", ["--address", containerdSocket, "version"]);
            return true;
        },
    });
    await importImage(node, { image: pauseImage, tool: "pause", user: "65535" });
    return containerdSocket;
}

const podNetwork = (mtu: number) => ({
    cniVersion: "0.4.0",
    name: "slipway",
    plugins: [
        {
            type: "bridge",
            bridge: "cni0",
            isGateway: true,
            ipMasq: true,
            hairpinMode: true,
            mtu,
            ipam: {
                type: "host-local",
                // Address leases end with the node, as pods do.
                dataDir: "/var/lib/cni/leases",
                ranges: [[{ subnet: addresses.pods }]],
                routes: [{ dst: "0.0.0.0/0" }],
            },
        },
        { type: "portmap", capabilities: { portMappings: true } },
    ],
});

/** Registries for which the platform's registry is tried first, then the original. */
const mirrored = {
    "docker.io": "https://registry-1.docker.io",
    "quay.io": "https://quay.io",
    "registry.k8s.io": "https://registry.k8s.io",
};

/** Renders one `hosts.toml` per registry, which names its mirror. */
export function renderHosts(): Record<string, string> {
    const local = `http://localhost:${ports.registry}`;
    const mirrors = Object.entries(mirrored).map(([registry, upstream]) => [
        registry,
        `server = "${upstream}"\n\n[host."${local}"]\n  capabilities = ["pull", "resolve"]\n`,
    ]);
    const own = [`localhost:${ports.registry}`, `server = "${local}"\n`];
    return Object.fromEntries([...mirrors, own]) as Record<string, string>;
}

function renderConfig(network: string, hosts: string): string {
    const cri = `plugins."io.containerd.grpc.v1.cri"`;
    return `version = 2
root = "${join(paths.platform, "containerd")}"
state = "${join(paths.runtime, "containerd")}"
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
address = "${containerdSocket}"

[${cri}]
sandbox_image = "${pauseImage}"
# Without CAP_SYS_RESOURCE no process may make itself less likely to be killed than its parent.
restrict_oom_score_adj = true

[${cri}.cni]
bin_dir = "${requirePluginDirectory()}"
conf_dir = "${network}"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.registry]
config_path = "${hosts}"
`;
}
