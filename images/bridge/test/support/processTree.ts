import { readdirSync, readFileSync } from "node:fs";

/** A process as the system describes it. */
export interface SeenProcess {
    pid: number;
    parent: number;
    /** Of its program's file; kept by one that ended and waits to be reaped. */
    name: string;
    /** One letter: Z for one that ended and waits to be reaped. */
    state: string;
}

/** Every process below `root`, nearest first. */
export function listBelow(root: number): SeenProcess[] {
    const all = readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .flatMap(readProcess);
    const found = all.filter(({ parent }) => parent === root);
    for (const { pid } of found) {
        found.push(...all.filter(({ parent }) => parent === pid));
    }
    return found;
}

function readProcess(entry: string): SeenProcess[] {
    try {
        const status = readFileSync(`/proc/${entry}/status`, "utf8");
        const read = (field: string): string =>
            new RegExp(`^${field}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
        const [name, state] = [read("Name"), read("State")];
        return [{ pid: Number(entry), parent: Number(read("PPid")), name, state }];
    } catch {
        // It ended meanwhile.
        return [];
    }
}
