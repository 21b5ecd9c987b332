import { listPlaces } from "../embedded/places.ts";
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
 * The machine's packet rules for the interface `device`. All of them have the comment `slipway`.
 *
 * @param machineHasRegistry - Whether a program of the machine has the registry's port; if so, the node is redirected
 * to it.
 */
export function listRules(device: string, machineHasRegistry: boolean): Rule[] {
    const inNode = Object.values(ports).filter(
        (port) => port !== ports.registry || !machineHasRegistry,
    );
    return [
        // The node reaches package registries through the machine.
        {
            table: "nat",
            chain: "POSTROUTING",
            rule: ["-s", addresses.link, "!", "-o", device, "-j", "MASQUERADE"],
        },
        // Docker on the machine drops forwarded packets of other interfaces.
        { table: "filter", chain: "FORWARD", rule: ["-i", device, "-j", "ACCEPT"] },
        // Only replies pass to the node. Otherwise a neighbour that routes the node's address through this machine
        // could reach all its ports.
        { table: "filter", chain: "FORWARD", rule: ["-o", device, ...answers, "-j", "ACCEPT"] },
        { table: "filter", chain: "FORWARD", rule: ["-o", device, "-j", "DROP"] },
        // Redirects https://localhost:30443 of the machine to the node; replies must return the same way.
        {
            table: "nat",
            chain: "POSTROUTING",
            rule: ["-s", "127.0.0.0/8", "-o", device, "-j", "MASQUERADE"],
        },
        ...inNode.map(forwardingRule),
        ...(machineHasRegistry ? [machineRegistryRule(device)] : []),
    ];
}

/** Redirects a port of the machine's loopback to the node. */
function forwardingRule(port: number): Rule {
    return {
        table: "nat",
        chain: "OUTPUT",
        rule: [
            ...["-d", "127.0.0.1/32", "-p", "tcp", "--dport", String(port)],
            ...["-j", "DNAT", "--to-destination", addresses.node],
        ],
    };
}

/** Redirects the port of a stack's gateway to the node; the platform's own ports lead there anyway. */
export async function forwardPort(port: number): Promise<void> {
    if (!isOfPlatform(port)) await insertRules([forwardingRule(port)], run);
}

/** Takes `forwardPort` back. */
export async function stopForwarding(port: number): Promise<void> {
    const { table, chain, rule } = forwardingRule(port);
    const stated = ["-w", "-t", table, "-D", chain, ...rule, ...mark];
    if (!isOfPlatform(port)) await run("iptables", stated).catch(() => undefined);
}

function isOfPlatform(port: number): boolean {
    return Object.values<number>(ports).includes(port);
}

/** Redirects the node to a registry that listens on the machine's loopback only. */
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

/** Adds the missing rules, and removes those of the registry's former place. */
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
    for (const { port } of listPlaces()) if (port !== undefined) await forwardPort(port);
}

/**
 * Inserts the rules at the head of their chains, in their order: no rule of the machine, nor our DROP, may precede our
 * ACCEPT rules. Existing rules are left alone.
 */
async function insertRules(rules: Rule[], run: RunProgram): Promise<void> {
    const missing = new Set<string>();
    const place = ({ table, chain }: Rule) => `${table} ${chain}`;
    for (const one of rules) {
        const check = ["-w", "-t", one.table, "-C", one.chain, ...one.rule, ...mark];
        await run("iptables", check).catch(() => missing.add(place(one)));
    }
    // When one is missing, all rules of its chain are inserted again: alone, it would precede the existing ones.
    for (const one of [...rules].reverse().filter((rule) => missing.has(place(rule)))) {
        const { table, chain, rule } = one;
        const stated = [chain, ...rule, ...mark];
        await run("iptables", ["-w", "-t", table, "-D", ...stated]).catch(() => undefined);
        await run("iptables", ["-w", "-t", table, "-I", ...stated]);
    }
}

type RunProgram = (command: string, args: string[]) => Promise<string>;

/** Adds the node's own rules: only the machine reaches the registry, and pods cannot connect to the machine. */
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

/** Removes all rules with our comment, including those of earlier versions. */
export async function removeRules(): Promise<void> {
    for (const table of ["filter", "nat"]) {
        const saved = await run("iptables-save", ["-t", table]);
        for (const args of findMarkedRules(saved))
            await run("iptables", ["-w", "-t", table, ...args]);
    }
}

/** Arguments of iptables that delete each rule with our comment in an `iptables-save` listing. */
export function findMarkedRules(saved: string): string[][] {
    return saved
        .split("\n")
        .filter(
            (line) => line.startsWith("-A ") && / --comment (slipway|"slipway")( |$)/.test(line),
        )
        .map((line) => ["-D", ...line.split(" ").slice(1)]);
}
