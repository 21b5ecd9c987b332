import { run } from "../../local/cluster/run.ts";
import { findRunName } from "./testRun.ts";

/** A packet rule of the machine with the name of a run as a comment. */
export interface RunRule {
    run: string;
    table: string;
    /** Chain and rule, as arguments of iptables. */
    rule: string[];
}

/** The packet rules of all runs. */
export async function listRunRules(): Promise<RunRule[]> {
    const found: RunRule[] = [];
    for (const table of ["filter", "nat"]) {
        for (const line of (await run("iptables-save", ["-t", table])).split("\n")) {
            const rule = line.replaceAll('"', "").split(" ").slice(1);
            const names = rule.filter((_, index) => rule[index - 1] === "--comment");
            const owner = names.flatMap((name) => findRunName(name) ?? [])[0];
            if (line.startsWith("-A ") && owner !== undefined) {
                found.push({ run: owner, table, rule });
            }
        }
    }
    return found;
}

export async function removeRule({ table, rule }: RunRule): Promise<void> {
    await run("iptables", ["-w", "-t", table, "-D", ...rule]);
}
