import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { step } from "../steps.ts";
import { findPluginDirectory, networkPlugins } from "./networkPlugins.ts";
import { succeeds } from "./run.ts";

/** A program or file that the platform needs and does not build. */
export interface Requirement {
    /** Name of the requirement in messages. */
    what: string;
    /** Debian packages that provide it, by preference: the first one in this release is installed. */
    packages: string[];
    isThere: () => boolean | Promise<boolean>;
}

/** PATH of the node's daemons: the system's directories, independent of the caller's PATH. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Programs needed to install packages from PyPI. */
export const pipRequirements: Requirement[] = [
    programs("python3", "python3"),
    {
        what: "Python module ensurepip",
        packages: ["python3-venv"],
        isThere: () => succeeds("python3", ["-c", "import ensurepip"]),
    },
];

/**
 * Everything the platform needs and does not build. Checked by use, not by installed packages: programs on the daemons'
 * PATH, files at their path. Programs from other sources, such as Docker's own packages, meet a requirement: Debian's
 * packages would replace them.
 */
export const requirements: Requirement[] = [
    {
        // Where the kernel has AppArmor, the Docker engine loads a profile, and fails without this program.
        ...programs("apparmor", "apparmor_parser"),
        isThere: async () => hasProgram("apparmor_parser") || !(await kernelHasAppArmor()),
    },
    file("ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),
    programs("conntrack", "conntrack"),
    programs("containerd", "containerd", "containerd-shim-runc-v2", "ctr"),
    {
        what: `network plugins ${networkPlugins.join(", ")}`,
        packages: ["containernetworking-plugins"],
        isThere: () => findPluginDirectory() !== undefined,
    },
    programs("curl", "curl"),
    // Without these keys debootstrap does not verify the release.
    file("debian-archive-keyring", "/usr/share/keyrings/debian-archive-keyring.gpg"),
    programs("debootstrap", "debootstrap"),
    // A Maven from another source may lack Java.
    programs("default-jre-headless", "java"),
    // A separate package since Debian 13.
    programs(["docker-cli", "docker.io"], "docker"),
    programs("docker-registry", "docker-registry"),
    programs("docker.io", "dockerd"),
    programs("etcd-server", "etcd"),
    programs("git", "git"),
    programs("gpgv", "gpgv"),
    programs("iproute2", "ip"),
    programs("iptables", "iptables", "iptables-restore", "iptables-save"),
    programs("kmod", "modprobe"),
    programs("maven", "mvn"),
    programs("mount", "mount", "umount"),
    programs("procps", "ps", "sysctl"),
    ...pipRequirements,
    programs("runc", "runc"),
    programs("s6", "s6-log", "s6-svc", "s6-svok", "s6-svscan", "s6-svscanctl", "s6-supervise"),
    programs("socat", "socat"),
    programs("tar", "tar"),
    programs("util-linux", "nsenter", "unshare"),
    programs("xz-utils", "xz"),
];

/** Programs on the PATH of the system that these packages, by preference, install. */
export function programs(packages: string | string[], ...names: string[]): Requirement {
    return {
        what: `${names.length === 1 ? "program" : "programs"} ${names.join(", ")}`,
        packages: [packages].flat(),
        isThere: () => names.every(hasProgram),
    };
}

function file(packageName: string, path: string): Requirement {
    return { what: `file ${path}`, packages: [packageName], isThere: () => existsSync(path) };
}

async function kernelHasAppArmor(): Promise<boolean> {
    const enabled = "/sys/module/apparmor/parameters/enabled";
    return (await readFile(enabled, "utf8").catch(() => "")).startsWith("Y");
}

// Never removes packages to resolve a conflict: that is the owner's decision.
const options = ["--no-install-recommends", "--no-remove"];

const policy = "/usr/sbin/policy-rc.d";
const policyMark = "# slipway: nothing is started while its packages are installed";

let installing = Promise.resolve();

/**
 * Installs the missing Debian packages without starting their services. Needs root.
 *
 * @param wanted - Requirements needed now, so that a step need not wait for the packages of others.
 */
export function ensureDebianPackages(wanted = requirements): Promise<void> {
    // Only one apt-get can run at a time.
    const turn = installing.then(() => installMissing(wanted));
    installing = turn.catch(() => undefined);
    return turn;
}

async function installMissing(wanted: Requirement[]): Promise<void> {
    await removeLeftPolicy();
    const missing = await findMissing(wanted);
    if (missing.length === 0) return;
    if (process.getuid?.() !== 0 || !hasProgram("apt-get")) {
        throw new Error(`Debian packages: must be installed first; ${describeInstall(missing)}`);
    }
    await step("install Debian packages", async (log) => {
        // Prevents Debian from starting the services of these packages, such as dockerd: the platform runs its own.
        const mayDeny = !existsSync(policy);
        if (mayDeny) {
            await writeFile(policy, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
        }
        try {
            const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
            await log.run("apt-get", ["update"], { env });
            const names = new Set(await Promise.all(missing.map(choosePackage)));
            console.log(`Debian packages: installs ${[...names].join(", ")}`);
            await log.run("apt-get", ["install", "-y", ...options, ...names], { env });
        } finally {
            if (mayDeny) await rm(policy, { force: true });
        }
        await refuseStillMissing(wanted);
    });
}

/** The requirements that this machine does not meet. */
export async function findMissing(all: Requirement[]): Promise<Requirement[]> {
    const met = await Promise.all(all.map(async ({ isThere }) => isThere()));
    return all.filter((_, index) => met[index] !== true);
}

/** Throws while the package can still be named, instead of letting a daemon or a pod fail later. */
async function refuseStillMissing(wanted: Requirement[]): Promise<void> {
    const missing = await findMissing(wanted);
    if (missing.length === 0) return;
    const lines = missing.map(({ what, packages }) => `- ${what} (package ${packages[0]})`);
    throw new Error(
        ["these must be there after their packages were installed, and are not:", ...lines]
            .concat("repair with 'apt-get install --reinstall PACKAGE'")
            .join("\n"),
    );
}

async function choosePackage({ packages }: Requirement): Promise<string> {
    for (const name of packages) {
        if (await succeeds("apt-cache", ["show", "--no-all-versions", name])) return name;
    }
    return packages[0] ?? "";
}

/** Instructions for a user who is not root or has no apt-get. */
export function describeInstall(missing: Requirement[]): string {
    const names = new Set(missing.map(({ packages }) => packages[0]));
    const install = ["apt-get", "install", ...options, ...names].join(" ");
    return `as root, run 'apt-get update && ${install}' for ${missing.map(({ what }) => what).join("; ")}`;
}

function hasProgram(name: string): boolean {
    return systemPath.split(delimiter).some((directory) => existsSync(join(directory, name)));
}

/** Removes the policy of a run killed during installation: it prevents the machine's services from starting. */
async function removeLeftPolicy(): Promise<void> {
    const text = await readFile(policy, "utf8").catch(() => "");
    if (text.includes(policyMark)) await rm(policy);
}
