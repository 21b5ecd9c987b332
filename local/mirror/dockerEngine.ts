import { join } from "node:path";
import Docker from "dockerode";

import { cgroup } from "../cluster/cgroups.ts";
import type { Node } from "../cluster/node.ts";
import { readProxies } from "../cluster/proxies.ts";
import { run } from "../cluster/run.ts";
import { writeText } from "../cluster/textFile.ts";
import { paths } from "../paths.ts";
import { registryAddress } from "./registry.ts";

const socket = join(paths.runtime, "docker.sock");
const containerd = join(paths.runtime, "docker-containerd.sock");

/** `DOCKER_HOST` of the platform's own engine. */
export const ownDockerHost = `unix://${socket}`;

/** Inside the node's network namespace, so it cannot collide with the machine's addresses. */
const bridge = "10.203.64.1/20";

/**
 * Starts the platform's own Docker engine in the node, or finds it running.
 *
 * It has its own images, sockets, bridge and containerd. It pulls base images from the platform's registry first.
 */
export async function ensureOwnDocker(node: Node): Promise<Docker> {
    const configs = join(paths.platform, "configs");
    const containerdConfig = join(configs, "docker-containerd.toml");
    await writeText(containerdConfig, renderContainerdConfig());
    await node.service({
        name: "docker-containerd",
        command: ["containerd", "--config", containerdConfig],
        files: [containerdConfig],
        ready: async () => {
            await node.enter("ctr", ["--address", containerd, "version"]);
            return true;
        },
    });
    const config = join(configs, "docker.json");
    const options = await run("dockerd", ["--help"]);
    await writeText(config, JSON.stringify(buildConfig(node, options), undefined, 4));
    const docker = new Docker({ socketPath: socket });
    await node.service({
        name: "docker",
        // A killed engine leaves its pid file behind, and in a small PID namespace the id is soon reused.
        command: [
            ...["sh", "-c", `rm -f "$1"; exec dockerd --config-file "$2"`, "dockerd"],
            ...[pidFile, config],
        ],
        files: [config],
        environment: readProxies(process.env),
        ready: () => docker.ping().then(() => true),
    });
    return docker;
}

/** Removes an image from the engine, if it has one, so that the next build pulls it again. */
export async function forgetImage(reference: string): Promise<void> {
    const image = new Docker({ socketPath: socket }).getImage(reference);
    await image.remove({ force: true, noprune: true }).catch(() => undefined);
}

const pidFile = join(paths.runtime, "docker.pid");

function renderContainerdConfig(): string {
    return `version = 2
root = "${join(paths.platform, "docker-containerd")}"
state = "${join(paths.runtime, "docker-containerd")}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[grpc]
address = "${containerd}"
`;
}

/** @param options - Output of `dockerd --help`: an engine refuses to start with an unknown directive. */
export function buildConfig({ mtu }: Pick<Node, "mtu">, options: string): object {
    return {
        hosts: [ownDockerHost],
        containerd,
        "data-root": join(paths.platform, "docker"),
        "exec-root": join(paths.runtime, "docker"),
        pidfile: pidFile,
        "cgroup-parent": `/${cgroup}/docker`,
        // The systemd driver would require a slice of the machine's systemd as parent.
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "storage-driver": "overlay2",
        bip: bridge,
        // Packets larger than the uplink's MTU would be dropped silently.
        mtu,
        // Engines before 25 lower their OOM score, which needs CAP_SYS_RESOURCE.
        ...(options.includes("--oom-score-adjust") ? { "oom-score-adjust": 0 } : {}),
        "registry-mirrors": [`http://${registryAddress}`],
        "log-level": "warn",
    };
}
