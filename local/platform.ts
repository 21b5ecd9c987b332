import { rm, rmdir } from "node:fs/promises";

import { ensureAddons } from "./cluster/addons.ts";
import { ensureControlPlane } from "./cluster/controlPlane.ts";
import { ensureCredentials } from "./cluster/credentials.ts";
import type { Credentials } from "./cluster/credentials.ts";
import { ensureDebianPackages } from "./cluster/debianPackages.ts";
import { ensureKubernetes } from "./cluster/kubernetes.ts";
import type { Kubernetes } from "./cluster/kubernetes.ts";
import { withLock } from "./cluster/lock.ts";
import { ensureNode, findNode, removeNode } from "./cluster/node.ts";
import type { Node } from "./cluster/node.ts";
import { ensureWorker } from "./cluster/worker.ts";
import { listPlaces } from "./embedded/places.ts";
import { ensureKeycloak } from "./keycloak/keycloak.ts";
import { keycloakImage, podReference } from "./mirror/baseImages.ts";
import { ensureDocker } from "./mirror/docker.ts";
import { ensureBaseImages } from "./mirror/ensureBaseImages.ts";
import { ensureRegistry, registryAddress } from "./mirror/registry.ts";
import { devStateDirectory, paths, stackLock } from "./paths.ts";
import { findPulumi } from "./providers/findPulumi.ts";
import { installSite } from "./providers/installSite.ts";
import { allOf, step } from "./steps.ts";
import { buildTool } from "./toolchain/buildTool.ts";
import { prepareGo } from "./toolchain/findGo.ts";

/** Access to the embedded platform. */
export interface Platform {
    /** Environment of the engine, its providers and the program: KUBECONFIG, DOCKER_HOST, KEYCLOAK_…. */
    environment: Record<string, string>;
    kubeconfig: string;
    /** PEM file of the authority that signs the API server's and Keycloak's certificates. */
    caCertificateFile: string;
    registry: { address: string };
    docker: { host: string };
    keycloak: { url: string };
}

/**
 * Starts the embedded platform: Kubernetes, registry, Docker engine and Keycloak.
 *
 * Idempotent: running services are left alone, and stopped ones are started with their data. Concurrent runs wait.
 */
export async function ensurePlatform(): Promise<Platform> {
    refuseUnsuitableMachine();
    return withLock(paths.lock, "embedded platform", async () => {
        // Before the packages that only the node needs.
        await prepareGo();
        const [platform] = await allOf(installAndBringUp(), buildPrograms());
        return platform;
    });
}

/**
 * Starts the compilers, which use all cores for minutes, before anything else: they run while packages are fetched and
 * images are built. The engine's compilers have a lower priority, and finish by the time the stack is deployed.
 */
function buildPrograms(): Promise<unknown> {
    return Promise.all([buildTool("kubernetes"), findPulumi(installSite())]);
}

async function installAndBringUp(): Promise<Platform> {
    await ensureDebianPackages();
    const ran = await platformRuns();
    try {
        return await bringUp();
    } catch (error) {
        if (!ran || (await platformRuns())) throw error;
        // Another run had asked the node to stop, and it stopped during this run.
        console.log("embedded platform: the node stopped during this run and is restarted");
        return await bringUp();
    }
}

async function bringUp(): Promise<Platform> {
    const node = await step("node: namespaces and network", ensureNode);
    const credentials = await step("certificates and kubeconfigs", ensureCredentials);
    // Images and the cluster's programs are made concurrently: both wait for the network half of the time.
    const [kubernetes, images] = await allOf(ensureCluster(node, credentials), ensureImages(node));
    const keycloak = await step("Keycloak", () =>
        ensureKeycloak(kubernetes, credentials.authority, images.keycloak),
    );
    const kubeconfig = credentials.kubeConfigs.admin;
    return {
        environment: {
            KUBECONFIG: kubeconfig,
            DOCKER_HOST: images.dockerHost,
            KEYCLOAK_URL: keycloak.url,
            KEYCLOAK_USER: keycloak.administrator.username,
            KEYCLOAK_PASSWORD: keycloak.administrator.password,
            KEYCLOAK_CLIENT_ID: "admin-cli",
        },
        kubeconfig,
        caCertificateFile: credentials.authority.certificate,
        registry: { address: registryAddress },
        docker: { host: images.dockerHost },
        keycloak: { url: keycloak.url },
    };
}

async function ensureCluster(node: Node, credentials: Credentials): Promise<Kubernetes> {
    const kubernetes = await ensureKubernetes(credentials.kubeConfigs.admin);
    await step("Kubernetes control plane", () => ensureControlPlane(node, kubernetes, credentials));
    await step("Kubernetes node", () => ensureWorker(node, kubernetes, credentials));
    await step("CoreDNS and metrics-server", () => ensureAddons(node, kubernetes, credentials));
    return kubernetes;
}

/** Returns the address of the engine that builds images, and the image reference of Keycloak's pod. */
async function ensureImages(node: Node): Promise<{ dockerHost: string; keycloak: string }> {
    const registry = await step("image registry", () => ensureRegistry(node));
    const dockerHost = await step("Docker engine", () => ensureDocker(node));
    await ensureBaseImages(node, registry);
    return { dockerHost, keycloak: await podReference(keycloakImage, registry) };
}

/** Whether the embedded platform runs. */
export async function platformRuns(): Promise<boolean> {
    return (await findNode()) !== undefined;
}

/** Removes the embedded platform with all its data; builds and downloads stay in the cache. */
export async function removePlatform(): Promise<void> {
    refuseUnsuitableMachine();
    const stacks = [devStateDirectory(), ...listPlaces().map((place) => place.stateDirectory)];
    await withStackLocks([...new Set(stacks)], () =>
        withLock(paths.lock, "embedded platform", async () => {
            await removeNode();
            await rm(paths.platform, { recursive: true, force: true });
            for (const stack of stacks) await rm(stack, { recursive: true, force: true });
        }),
    );
    for (const directory of [paths.stacks, paths.state]) {
        // A directory that is not empty has the state of stacks on other clusters.
        await rmdir(directory).catch(() => undefined);
    }
    console.log("embedded platform: removed; what was built stays in the cache");
}

function withStackLocks([stack, ...others]: string[], body: () => Promise<void>): Promise<void> {
    if (stack === undefined) return body();
    return withLock(stackLock(stack), "stack of the embedded platform", () =>
        withStackLocks(others, body),
    );
}

function refuseUnsuitableMachine(): void {
    const problems = [
        process.platform === "linux" ? "" : `runs on Linux, this is '${process.platform}'`,
        process.getuid?.() === 0 ? "" : "needs root for namespaces and mounts; run it with sudo",
    ].filter((problem) => problem !== "");
    if (problems.length > 0) {
        throw new Error(
            `embedded platform: ${problems.join("; ")}; or use a cluster of your own with '-- --context NAME'`,
        );
    }
}
