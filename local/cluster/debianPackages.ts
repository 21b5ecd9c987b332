import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";

import { step } from "../steps.ts";
import { succeeds } from "./run.ts";

/** What the platform takes from Debian, and a file that shows it is there. */
const packages: Record<string, string> = {
    conntrack: "/usr/sbin/conntrack",
    containerd: "/usr/bin/containerd",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    curl: "/usr/bin/curl",
    debootstrap: "/usr/sbin/debootstrap",
    "docker-registry": "/usr/bin/docker-registry",
    "docker.io": "/usr/sbin/dockerd",
    "etcd-server": "/usr/bin/etcd",
    iproute2: "/usr/sbin/ip",
    iptables: "/usr/sbin/iptables",
    maven: "/usr/bin/mvn",
    python3: "/usr/bin/python3",
    "python3-venv": "/usr/lib/python3/dist-packages/distutils-precedence.pth",
    runc: "/usr/sbin/runc",
    s6: "/usr/bin/s6-svscan",
    socat: "/usr/bin/socat",
    "util-linux": "/usr/bin/unshare",
};

const policy = "/usr/sbin/policy-rc.d";

/** Installs the Debian packages that are missing, without starting what they bring; needs root. */
export async function ensureDebianPackages(): Promise<void> {
    const missing: string[] = [];
    for (const [name, file] of Object.entries(packages)) {
        if (!existsSync(file) && !(await succeeds("dpkg", ["-s", name]))) missing.push(name);
    }
    if (missing.length === 0) return;
    const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
    if (process.getuid?.() !== 0) {
        throw new Error(`Debian packages: must be installed first; as root, run '${command}'`);
    }
    await step(`install Debian packages: ${missing.join(", ")}`, async (log) => {
        // An engine or registry that Debian would start takes ports of the machine: the platform starts its own.
        const mayDeny = !existsSync(policy);
        if (mayDeny) await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
        try {
            const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
            await log.run("apt-get", ["update"], { env });
            const args = ["install", "-y", "--no-install-recommends", ...missing];
            await log.run("apt-get", args, { env });
        } finally {
            if (mayDeny) await rm(policy, { force: true });
        }
    });
}
