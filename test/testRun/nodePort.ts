import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig } from "@kubernetes/client-node";
import { randomInt } from "node:crypto";

import { addresses, ports } from "../../local/cluster/addresses.ts";
import { machineListens } from "../../local/cluster/machineListens.ts";
import { run } from "../../local/cluster/run.ts";
import { listRunRules } from "./packetRules.ts";

/** Kubernetes' range of node ports. */
const range = { first: 30000, last: 32767 };

/**
 * Finds a port that is free on the node and on the machine, and redirects it from 127.0.0.1 to the node like the
 * platform's own ports. The packet rule has the name of the run as a comment.
 */
export async function openNodePort(kubeConfig: KubeConfig, runName: string): Promise<number> {
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listServiceForAllNamespaces();
    const services = items.flatMap(({ spec }) => spec?.ports ?? []);
    const taken = new Set(services.map(({ nodePort }) => nodePort));
    for (const port of Object.values(ports)) taken.add(port);
    for (const { rule } of await listRunRules())
        taken.add(Number(rule[rule.indexOf("--dport") + 1]));
    for (;;) {
        const port = randomInt(range.first, range.last + 1);
        if (taken.has(port) || (await machineListens(port))) continue;
        const rule = [
            ...["-d", "127.0.0.1/32", "-p", "tcp", "--dport", String(port)],
            ...["-m", "comment", "--comment", "slipway", "-m", "comment", "--comment", runName],
            ...["-j", "DNAT", "--to-destination", addresses.node],
        ];
        await run("iptables", ["-w", "-t", "nat", "-I", "OUTPUT", ...rule]);
        return port;
    }
}
