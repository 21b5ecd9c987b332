import { spawn } from "node:child_process";
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { retryLost } from "../lostConnection.ts";
import { paths } from "../paths.ts";
import { buildTool } from "../toolchain/buildTool.ts";

const programs = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "kubectl",
] as const;

/** Time for a killed API server to answer again on a busy machine. */
const backWithinSeconds = 90;

/** The Kubernetes binaries, and kubectl as the cluster's administrator. */
export interface Kubernetes {
    program(name: (typeof programs)[number]): string;
    kubectl(args: string[], input?: string): Promise<string>;
    /** Applies the objects of a manifest (JSON or YAML). Retries while the API server is unavailable. */
    apply(manifest: string): Promise<void>;
}

/** Builds Kubernetes unless it is in the cache, and links its one binary under each program's name. */
export async function ensureKubernetes(kubeConfig: string): Promise<Kubernetes> {
    const binary = await buildTool("kubernetes");
    // Each build has its own path, so that daemons are restarted after a new build.
    const directory = join(paths.platform, "bin", basename(dirname(binary)));
    for (const name of programs) await ensureLink(join(directory, name), binary);
    await ensureLink(join(paths.platform, "bin/kubectl"), binary);
    const program = (name: string) => join(directory, name);
    // Never reads or writes the caller's ~/.kube.
    const own = ["--kubeconfig", kubeConfig, "--cache-dir", join(paths.platform, "kubectl-cache")];
    const kubectl = (args: string[], input?: string) =>
        runKubectl(program("kubectl"), [...own, ...args], input);
    const apply = async (manifest: string) => {
        const args = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
        await retryLost(() => kubectl([...args, "--field-manager", "slipway-platform"], manifest), {
            seconds: backWithinSeconds,
        });
    };
    return { program, kubectl, apply };
}

async function ensureLink(link: string, target: string): Promise<void> {
    if ((await readlink(link).catch(() => undefined)) === target) return;
    await mkdir(dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(target, link);
}

function runKubectl(program: string, args: string[], input?: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
        let output = "";
        let errors = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
        child.on("error", reject);
        child.on("close", (code) => {
            if (code === 0) resolve(output);
            else reject(new Error(`kubectl ${args.slice(4).join(" ")}: ${errors.trim()}`));
        });
        child.stdin.on("error", () => undefined).end(input);
    });
}
