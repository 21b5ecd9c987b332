import { addresses, ports } from "./addresses.ts";
import { run, succeeds } from "./run.ts";

interface Rule {
    table: "filter" | "nat";
    chain: string;
    rule: string[];
}

const mark = ["-m", "comment", "--comment", "slipway"];

/** The machine's own packet rules for the cable `device`; all of them carry the comment `slipway`. */
export function listRules(device: string): Rule[] {
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
        ...Object.values(ports).map((port) => ({
            table: "nat" as const,
            chain: "OUTPUT",
            rule: [
                ...["-d", "127.0.0.1/32", "-p", "tcp", "--dport", String(port)],
                ...["-j", "DNAT", "--to-destination", addresses.node],
            ],
        })),
    ];
}

/** Adds the rules that are missing. */
export async function addRules(device: string): Promise<void> {
    for (const { table, chain, rule } of listRules(device)) {
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
        .filter((line) => line.startsWith("-A ") && / --comment "?slipway"?( |$)/.test(line))
        .map((line) => ["-D", ...line.split(" ").slice(1)]);
}
