import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { addresses, containerdSocket, ports } from "./addresses.ts";
import { importImage } from "./scratchImage.ts";
import type { Node } from "./node.ts";

const pauseImage = "slipway.local/pause:3.10";

/** Starts the cluster's own containerd, with its own root, state and socket; gives the socket. */
export async function ensureContainerd(node: Node): Promise<string> {
    const configs = join(paths.platform, "configs");
    const network = join(configs, "cni");
    await mkdir(network, { recursive: true });
    await writeFile(join(network, "10-slipway.conflist"), JSON.stringify(podNetwork));
    const config = join(configs, "containerd.toml");
    await writeFile(config, renderConfig(network));
    await node.service({
        name: "containerd",
        command: ["containerd", "--config", config],
        ready: async () => {
            await node.enter("ctr", ["--address", containerdSocket, "version"]);
            return true;
        },
    });
    await importImage(node, { image: pauseImage, tool: "pause", user: "65535" });
    return containerdSocket;
}

const podNetwork = {
    cniVersion: "0.4.0",
    name: "slipway",
    plugins: [
        {
            type: "bridge",
            bridge: "cni0",
            isGateway: true,
            ipMasq: true,
            hairpinMode: true,
            ipam: {
                type: "host-local",
                // Leases end with the node, as pods do.
                dataDir: "/var/lib/cni/leases",
                ranges: [[{ subnet: addresses.pods }]],
                routes: [{ dst: "0.0.0.0/0" }],
            },
        },
        { type: "portmap", capabilities: { portMappings: true } },
    ],
};

/** The registry answers for these first; what it does not have comes from upstream, where that can be reached. */
const mirrored = {
    "docker.io": "https://registry-1.docker.io",
    "quay.io": "https://quay.io",
    "registry.k8s.io": "https://registry.k8s.io",
};

function renderConfig(network: string): string {
    const local = `http://localhost:${ports.registry}`;
    const cri = `plugins."io.containerd.grpc.v1.cri"`;
    const mirrors = Object.entries(mirrored).map(
        ([host, upstream]) =>
            `[${cri}.registry.mirrors."${host}"]\nendpoint = ["${local}", "${upstream}"]\n`,
    );
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
bin_dir = "/usr/lib/cni"
conf_dir = "${network}"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.registry.mirrors."localhost:${ports.registry}"]
endpoint = ["${local}"]

${mirrors.join("\n")}`;
}
