import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { addresses } from "../../local/cluster/addresses.ts";
import { findNode } from "../../local/cluster/node.ts";
import { readStackOutputs } from "../../local/stack.ts";
import { locateTarget } from "../../local/target.ts";
import { findClientFor, requestAccessToken } from "../../verify/accessToken.ts";
import { parseOutputs, type StackOutputs } from "../../verify/outputs.ts";
import { trustCertificates } from "../../verify/verifyStack.ts";
import type { Target } from "../bridge/mcpConnection.ts";
import { median, round3, type ResultRow } from "../figures.ts";
import { callProgram } from "./files.ts";

/** What `callProgram.ts` does. */
export interface CallOrder {
    gateway: Target;
    pods: Target[];
    tool: string;
    args: object;
    /** Text of the right answer. */
    expected: string;
    calls: number;
    /** Calls each way before the clock starts. */
    warmUp: number;
}

/** Milliseconds of every call, by its way. */
export type CallTimes = Record<"gateway" | "pod", number[]>;

/** A server of the dev stack that answers at once, and by HTTP itself. */
const server = "add-numbers";
const namespace = "mcp";
const callsPerRound = 1500;

/**
 * Measures a tool call of the dev stack through its gateway and at the pods, in turn, from the node's own network: the
 * machine's way to the node is in neither. The median of the rounds' differences is what the gateway adds.
 */
export async function measureAddedTime(
    rounds: number,
    kubeconfig: string,
): Promise<{ rows: ResultRow[]; addedP50Ms: number }> {
    const outputs = parseOutputs(await readStackOutputs(locateTarget({ stack: "dev" }), true));
    const order = await buildOrder(outputs, kubeconfig);
    const node = await findNode();
    if (node === undefined) throw new Error("embedded platform: must run, got no node");
    const measured: CallTimes[] = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await callInNode(node, order));
    const added = measured.map(({ gateway, pod }) => median(gateway) - median(pod));
    console.log(`added by the gateway: ${added.map((ms) => ms.toFixed(2)).join(", ")} ms`);
    const rows = (["gateway", "pod"] as const).map((way) => {
        const times = measured.flatMap((round) => round[way]).sort((a, b) => a - b);
        const p99Ms = times[Math.floor(times.length * 0.99)] ?? NaN;
        const p50Ms = round3(median(times));
        return {
            name: "tool call",
            cell: way,
            rounds,
            calls: times.length,
            p50Ms,
            p99Ms: round3(p99Ms),
        };
    });
    return { rows, addedP50Ms: round3(median(added)) };
}

async function buildOrder(outputs: StackOutputs, kubeconfig: string): Promise<CallOrder> {
    trustCertificates(outputs.caCertificates);
    const token = await requestAccessToken(outputs, findClientFor(outputs, server));
    const { host, port, pathname } = new URL(outputs.endpoints[server] ?? "");
    const probe = outputs.probes[server];
    if (probe === undefined) throw new Error(`${server}: must have a probe, got none`);
    const common = { era: "legacy", toolPrefix: "" } as const;
    return {
        gateway: {
            ...common,
            port: Number(port),
            path: pathname,
            token,
            at: { address: addresses.node, host, ca: outputs.caCertificates ?? "" },
        },
        pods: (await listPodAddresses(kubeconfig)).map((address) => ({
            ...common,
            port: 8000,
            path: "/mcp",
            at: { address, host },
        })),
        tool: probe.tool,
        args: probe.args,
        expected: probe.expect,
        calls: callsPerRound,
        warmUp: 200,
    };
}

async function listPodAddresses(kubeconfig: string): Promise<string[]> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const labelSelector = `app.kubernetes.io/name=${server},app.kubernetes.io/component=server`;
    const api = config.makeApiClient(CoreV1Api);
    const { items } = await api.listNamespacedPod({ namespace, labelSelector });
    const ready = items.filter(({ metadata, status }) => {
        const conditions = status?.conditions ?? [];
        const is = conditions.some((one) => one.type === "Ready" && one.status === "True");
        return is && metadata?.deletionTimestamp === undefined;
    });
    const found = ready.flatMap(({ status }) => status?.podIP ?? []);
    if (found.length === 0) throw new Error(`${server}: must have ready pods, got none`);
    return found;
}

async function callInNode(node: number, order: CallOrder): Promise<CallTimes> {
    const child = spawn(
        "nsenter",
        ["-t", String(node), "-n", "--", process.execPath, callProgram],
        { stdio: ["pipe", "pipe", "inherit"] },
    );
    child.stdin.end(JSON.stringify(order));
    const [printed, code] = await Promise.all([
        text(child.stdout),
        new Promise((resolve) => child.on("close", resolve)),
    ]);
    if (code !== 0) throw new Error(`calls of '${server}': ended with code ${String(code)}`);
    return JSON.parse(printed) as CallTimes;
}
