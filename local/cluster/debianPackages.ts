import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { step } from "../steps.ts";
import { succeeds } from "./run.ts";

/**
 * What the platform takes from Debian, and a program of it. A program that is there from elsewhere, such as Docker's own
 * packages, is used: Debian's would take its place.
 */
const packages: Record<string, string> = {
    conntrack: "conntrack",
    containerd: "containerd",
    "containernetworking-plugins": "bridge",
    curl: "curl",
    debootstrap: "debootstrap",
    "docker-registry": "docker-registry",
    "docker.io": "dockerd",
    "etcd-server": "etcd",
    iproute2: "ip",
    iptables: "iptables",
    maven: "mvn",
    procps: "sysctl",
    python3: "python3",
    "python3-venv": "ensurepip",
    runc: "runc",
    s6: "s6-svscan",
    socat: "socat",
    "util-linux": "unshare",
};

/** Where programs are, beside the caller's PATH: a root shell may lack the `sbin` ones; plugins are on no path at all. */
const directories = [
    ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
    ...["/usr/lib/cni", "/opt/cni/bin"],
];

// Nothing of the machine's is removed to make room: a conflict is for its owner to decide.
const options = ["--no-install-recommends", "--no-remove"];

const policy = "/usr/sbin/policy-rc.d";
const policyMark = "# slipway: nothing is started while its packages are installed";

/** Installs the Debian packages that are missing, without starting what they bring; needs root. */
export async function ensureDebianPackages(): Promise<void> {
    await removeLeftPolicy();
    const missing = await findMissing(hasProgram, isInstalled);
    if (missing.length === 0) return;
    if (process.getuid?.() !== 0 || !hasProgram("apt-get")) {
        throw new Error(`Debian packages: must be installed first; ${describeInstall(missing)}`);
    }
    await step(`install Debian packages: ${missing.join(", ")}`, async (log) => {
        // An engine or registry that Debian would start takes ports of the machine: the platform starts its own.
        const mayDeny = !existsSync(policy);
        if (mayDeny) {
            await writeFile(policy, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
        }
        try {
            const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
            await log.run("apt-get", ["update"], { env });
            await log.run("apt-get", ["install", "-y", ...options, ...missing], { env });
        } finally {
            if (mayDeny) await rm(policy, { force: true });
        }
    });
}

/** The packages of which neither the program nor the package itself is there. */
export async function findMissing(
    programIsThere: (program: string) => boolean,
    packageIsThere: (name: string) => Promise<boolean>,
): Promise<string[]> {
    const missing: string[] = [];
    for (const [name, program] of Object.entries(packages)) {
        if (programIsThere(program) || (await packageIsThere(name))) continue;
        missing.push(name);
    }
    return missing;
}

/** What somebody else than root is told. */
export function describeInstall(missing: string[]): string {
    const install = ["apt-get", "install", ...options, ...missing].join(" ");
    return `as root, run 'apt-get update && ${install}'`;
}

function hasProgram(name: string): boolean {
    return directories.some((directory) => existsSync(join(directory, name)));
}

async function isInstalled(name: string): Promise<boolean> {
    const status = ["-c", 'dpkg-query -W -f "\\${Status}" "$1" | grep -qx "install ok installed"'];
    return succeeds("sh", [...status, "sh", name]);
}

/** A run that was killed while it installed leaves its policy behind, and with it no service of the machine starts. */
async function removeLeftPolicy(): Promise<void> {
    const text = await readFile(policy, "utf8").catch(() => "");
    if (text.includes(policyMark)) await rm(policy);
}
