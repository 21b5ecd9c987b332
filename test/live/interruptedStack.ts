import { CoreV1Api, KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import type { Checkout } from "./checkout.ts";

/** How a command that works on a stack is interrupted. */
export type Way = "Ctrl-C" | "kill -9 of the command" | "kill -9 of the engine";

/** A command that was to be interrupted. */
export interface InterruptedRun {
    /** The line that it was interrupted at; undefined when it ended before. */
    line: string | undefined;
    code: number | null;
    output: string;
}

/** Kinds of objects that a stack creates in its namespace. */
const kinds: [apiVersion: string, kind: string][] = [
    ["apps/v1", "Deployment"],
    ["autoscaling/v2", "HorizontalPodAutoscaler"],
    ["networking.k8s.io/v1", "NetworkPolicy"],
    ["policy/v1", "PodDisruptionBudget"],
    ...["ConfigMap", "Secret", "Service", "ServiceAccount"].map((kind): [string, string] => [
        "v1",
        kind,
    ]),
];

/** Objects that Kubernetes creates in every namespace, and clients that Keycloak creates in every realm. */
const given = new Set([
    ...["ConfigMap kube-root-ca.crt", "ServiceAccount default", "Client account"],
    ...["Client account-console", "Client admin-cli", "Client broker", "Client realm-management"],
    "Client security-admin-console",
]);

/** A stack with one server, whose commands are interrupted. Its namespace and realm have its name. */
export class InterruptedStack {
    readonly name: string;
    readonly #checkout: Checkout;

    private constructor(checkout: Checkout, name: string) {
        this.#checkout = checkout;
        this.name = name;
    }

    /** Writes the configuration of a stack of the test run. */
    static async make(checkout: Checkout, label: string): Promise<InterruptedStack> {
        const name = `${testRun().name}-${label}`;
        const config = {
            "slipway:registry": { address: `localhost:30500/${testRun().name}` },
            "slipway:servers": [
                {
                    name: "sums",
                    source: { build: "images/add-numbers" },
                    healthPath: "/health",
                    sessions: "stateless",
                    replicas: { min: 1, max: 1 },
                    resources: { requests: { cpu: "10m" } },
                },
            ],
        };
        await writeFile(join(checkout.directory, `Pulumi.${name}.yaml`), stringify({ config }));
        return new InterruptedStack(checkout, name);
    }

    /** Runs a command for it to its end. */
    run(command: "up" | "down"): Promise<{ code: number | null; output: string }> {
        return this.#checkout.npm(command, "--", "--stack", this.name);
    }

    /** Runs `up`, and interrupts it at the first line that matches. */
    async interruptUp(pattern: RegExp, way: Way): Promise<InterruptedRun> {
        const child = spawn("npm", ["run", "up", "--", "--stack", this.name], {
            cwd: this.#checkout.directory,
            env: { ...process.env, SLIPWAY_STACKS: this.#checkout.stacks },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        const run: InterruptedRun = { line: undefined, code: null, output: "" };
        for (const input of [child.stdout, child.stderr]) {
            createInterface({ input }).on("line", (line) => {
                run.output += `${line}\n`;
                console.log(`${this.name}: ${line}`);
                if (run.line !== undefined || !pattern.test(line)) return;
                if (this.#interrupt(child.pid!, way)) run.line = line;
            });
        }
        [run.code] = (await once(child, "close")) as [number | null];
        return run;
    }

    /** Interrupts the process group of a command; gives whether there was anything to interrupt. */
    #interrupt(group: number, way: Way): boolean {
        try {
            // A terminal signals everything that runs in it.
            if (way === "Ctrl-C") process.kill(-group, "SIGINT");
            else if (way === "kill -9 of the command") process.kill(-group, "SIGKILL");
            else process.kill(this.#findEngine(), "SIGKILL");
            return true;
        } catch {
            return false;
        }
    }

    /** Process id of the engine that works on the stack, which its lock has. */
    #findEngine(): number {
        const [lock = ""] = globSync(join(this.#backend, "locks/**/*.json"));
        return (JSON.parse(readFileSync(lock, "utf8")) as { pid: number }).pid;
    }

    get #backend(): string {
        return join(this.#checkout.stacks, `embedded-${this.name}/state/.pulumi`);
    }

    /**
     * What an interrupted update has left: objects of the namespace and clients of the realm that the state does not know,
     * and operations that it has as begun.
     */
    async listLeft(): Promise<string[]> {
        const file = join(this.#backend, `stacks/slipway/${this.name}.json`);
        const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as StateFile;
        const { resources, pending_operations: pending = [] } = checkpoint.latest;
        const known = new Set(
            resources
                .filter((resource) => resource.delete !== true)
                .map(({ type, id = "" }) => `${type.split(":").at(-1)} ${id.split("/").at(-1)}`),
        );
        const found = [...(await this.#listObjects()), ...(await this.#listClients())];
        const left = found.filter(({ name, id }) => !given.has(name) && !known.has(id));
        return [...left.map(({ name }) => name), ...pending.map(({ type }) => `pending: ${type}`)];
    }

    async #listObjects(): Promise<Found[]> {
        const objects = KubernetesObjectApi.makeApiClient(loadKubeConfig());
        const lists = await Promise.all(
            kinds.map(async ([apiVersion, kind]) => {
                const { items } = await objects.list(apiVersion, kind, this.name);
                return items.map(({ metadata }) => `${kind} ${metadata?.name}`);
            }),
        );
        return lists.flat().map((name) => ({ name, id: name }));
    }

    async #listClients(): Promise<Found[]> {
        const clients = await (await connectAdmin()).clients.find({ realm: this.name });
        return clients.map(({ clientId, id }) => ({
            name: `Client ${clientId}`,
            id: `Client ${id}`,
        }));
    }

    /** Its namespace and its realm, as far as they are there. */
    async listPlaces(): Promise<string[]> {
        const { items } = await loadKubeConfig().makeApiClient(CoreV1Api).listNamespace();
        const realms = await (await connectAdmin()).realms.find({ briefRepresentation: true });
        return [
            ...items.map(({ metadata }) => `namespace ${metadata?.name}`),
            ...realms.map(({ realm }) => `realm ${realm}`),
        ].filter((place) => place.endsWith(` ${this.name}`));
    }
}

/** Something that exists, and how the state would name it. */
interface Found {
    name: string;
    id: string;
}

interface StateFile {
    checkpoint: {
        latest: {
            resources: { type: string; id?: string; delete?: boolean }[];
            pending_operations?: { type: string }[];
        };
    };
}

function loadKubeConfig(): KubeConfig {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return kubeConfig;
}
