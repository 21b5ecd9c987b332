import { addresses, ports } from "./addresses.ts";
import { machineListens } from "./machineListens.ts";
import { run, succeeds } from "./run.ts";

interface Rule {
    table: "filter" | "nat";
    chain: string;
    rule: string[];
}

const mark = ["-m", "comment", "--comment", "slipway"];
const answers = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"];

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
        // Docker on the machine drops what it does not know.
        { table: "filter", chain: "FORWARD", rule: ["-i", device, "-j", "ACCEPT"] },
        // Towards the node only answers pass. A neighbour that routes the node's address through this machine would
        // otherwise reach every port of it.
        { table: "filter", chain: "FORWARD", rule: ["-o", device, ...answers, "-j", "ACCEPT"] },
        { table: "filter", chain: "FORWARD", rule: ["-o", device, "-j", "DROP"] },
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
    await insertRules(rules, run);
}

/**
 * Makes the rules stand first in their chains, in their order: neither a rule of the machine's own nor the one that drops
 * may come before those that let pass. Rules that stand there are left alone.
 */
async function insertRules(rules: Rule[], run: RunProgram): Promise<void> {
    const missing = new Set<string>();
    const place = ({ table, chain }: Rule) => `${table} ${chain}`;
    for (const one of rules) {
        const check = ["-w", "-t", one.table, "-C", one.chain, ...one.rule, ...mark];
        await run("iptables", check).catch(() => missing.add(place(one)));
    }
    // Where one is missing, the whole chain's are set anew: added alone, it would stand before its elders.
    for (const one of [...rules].reverse().filter((rule) => missing.has(place(rule)))) {
        const { table, chain, rule } = one;
        const stated = [chain, ...rule, ...mark];
        await run("iptables", ["-w", "-t", table, "-D", ...stated]).catch(() => undefined);
        await run("iptables", ["-w", "-t", table, "-I", ...stated]);
    }
}

type RunProgram = (command: string, args: string[]) => Promise<string>;

/** The node's own rules: who reaches the registry, and that pods open no connection to the machine. */
export async function addNodeRules(
    inNode: (...command: string[]) => Promise<string>,
): Promise<void> {
    const rules: Rule[] = [
        {
            table: "nat",
            chain: "PREROUTING",
            rule: [
                ...["-i", "eth0", "-s", `${addresses.machine}/32`, "-p", "tcp"],
                ...[
                    "--dport",
                    String(ports.registry),
                    "-j",
                    "DNAT",
                    "--to-destination",
                    "127.0.0.1",
                ],
            ],
        },
        {
            table: "filter",
            chain: "FORWARD",
            rule: ["-d", `${addresses.machine}/32`, ...answers, "-j", "ACCEPT"],
        },
        {
            table: "filter",
            chain: "FORWARD",
            rule: ["-d", `${addresses.machine}/32`, "-j", "DROP"],
        },
    ];
    await insertRules(rules, (command, args) => inNode(command, ...args));
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
