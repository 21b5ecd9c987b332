import { addresses, ports } from "./addresses.ts";
import { machineListens } from "./machineListens.ts";
import { run, succeeds } from "./run.ts";

interface Rule {
    table: "filter" | "nat";
    chain: string;
    rule: string[];
}

const mark = ["-m", "comment", "--comment", "slipway"];

/**
 * The machine's own packet rules for the cable `device`; all of them carry the comment `slipway`.
 *
 * @param machineHasRegistry - Whether the registry's port is a program's of the machine: then the node is led to that.
 */
export function listRules(device: string, machineHasRegistry: boolean): Rule[] {
    const inNode = Object.values(ports).filter(
        (port) => port !== ports.registry || !machineHasRegistry,
    );
    return [
        // The node reaches the package registries as the machine does.
        {
            table: "nat",
            chain: "POSTROUTING",
            rule: ["-s", addresses.link, "!", "-o", device, "-j", "MASQUERADE"],
        },
        // Docker on the machine drops what it does not know. Towards the node only answers pass: other computers of
        // the network have no business there.
        { table: "filter", chain: "FORWARD", rule: ["-i", device, "-j", "ACCEPT"] },
        {
            table: "filter",
            chain: "FORWARD",
            rule: [
                ...["-o", device, "-m", "conntrack"],
                ...["--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"],
            ],
        },
        // https://localhost:30443 on the machine is the node's port; answers must find their way back.
        {
            table: "nat",
            chain: "POSTROUTING",
            rule: ["-s", "127.0.0.0/8", "-o", device, "-j", "MASQUERADE"],
        },
        ...inNode.map((port) => ({
            table: "nat" as const,
            chain: "OUTPUT",
            rule: [
                ...["-d", "127.0.0.1/32", "-p", "tcp", "--dport", String(port)],
                ...["-j", "DNAT", "--to-destination", addresses.node],
            ],
        })),
        ...(machineHasRegistry ? [machineRegistryRule(device)] : []),
    ];
}

/** Leads the node to a registry that listens on the machine's loopback only. */
function machineRegistryRule(device: string): Rule {
    return {
        table: "nat",
        chain: "PREROUTING",
        rule: [
            ...["-i", device, "-d", `${addresses.machine}/32`, "-p", "tcp"],
            ...["--dport", String(ports.registry)],
            ...["-j", "DNAT", "--to-destination", "127.0.0.1"],
        ],
    };
}

/** Adds the rules that are missing, and removes those that lead to where the registry is not. */
export async function addRules(device: string): Promise<void> {
    const machineHasRegistry = await machineListens(ports.registry);
    const rules = listRules(device, machineHasRegistry);
    const wanted = new Set(rules.map(({ rule }) => rule.join(" ")));
    for (const { table, chain, rule } of listRules(device, !machineHasRegistry)) {
        if (wanted.has(rule.join(" "))) continue;
        const stated = [...rule, ...mark];
        if (await succeeds("iptables", ["-w", "-t", table, "-C", chain, ...stated]))
            await run("iptables", ["-w", "-t", table, "-D", chain, ...stated]);
    }
    for (const { table, chain, rule } of rules) {
        if (await succeeds("iptables", ["-w", "-t", table, "-C", chain, ...rule, ...mark]))
            continue;
        // First in its chain: a machine's own rule that drops or forwards must not come before.
        await run("iptables", ["-w", "-t", table, "-I", chain, ...rule, ...mark]);
    }
}

/** Removes every rule with our comment, also those of an earlier version. */
export async function removeRules(): Promise<void> {
    for (const table of ["filter", "nat"]) {
        const saved = await run("iptables-save", ["-t", table]);
        for (const args of findMarkedRules(saved))
            await run("iptables", ["-w", "-t", table, ...args]);
    }
}

/** The arguments that delete each rule of an `iptables-save` listing that has our comment. */
export function findMarkedRules(saved: string): string[][] {
    return saved
        .split("\n")
        .filter(
            (line) => line.startsWith("-A ") && / --comment (slipway|"slipway")( |$)/.test(line),
        )
        .map((line) => ["-D", ...line.split(" ").slice(1)]);
}
