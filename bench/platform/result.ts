import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";

import { projectRoot } from "../../local/stack.ts";
import type { ResultRow } from "../figures.ts";
import { describeMachine, type Machine } from "../machine.ts";
import type { FigureName } from "./bars.ts";

/** What is committed as `bench/results/platform.json`. */
export interface BenchResult {
    /** Day of the run. */
    date: string;
    machine: Machine;
    versions: Record<string, string>;
    /** Digest of the files that were measured: all that are committed or to be, but results and Markdown. */
    sources: string;
    rows: ResultRow[];
    /** The figures that `bars.ts` has bars for. */
    ratios: Partial<Record<FigureName, number>>;
}

/** What one run has measured. */
export interface Measured {
    rows: ResultRow[];
    ratios: BenchResult["ratios"];
}

/** Puts together what is committed: what was measured, and what `earlier` has besides of the same sources and machine. */
export function buildResult(
    measured: Measured,
    versions: BenchResult["versions"],
    sources: string,
    earlier?: BenchResult,
): BenchResult {
    const machine = describeMachine();
    const compares = earlier?.sources === sources && isDeepStrictEqual(earlier.machine, machine);
    const kept = compares ? earlier : { rows: [], ratios: {} };
    const isNew = ({ name, cell }: ResultRow) =>
        measured.rows.some((row) => row.name === name && row.cell === cell);
    return {
        date: new Date().toISOString().slice(0, 10),
        machine,
        versions,
        sources,
        rows: [...kept.rows.filter((row) => !isNew(row)), ...measured.rows],
        ratios: { ...kept.ratios, ...measured.ratios },
    };
}

export function readResult(file: string): BenchResult | undefined {
    if (!existsSync(file)) return undefined;
    return JSON.parse(readFileSync(file, "utf8")) as BenchResult;
}

/** A digest of the checkout's files as they are now; results and texts for people change nothing that is measured. */
export function hashSources(): string {
    const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = execFileSync("git", list, { cwd: projectRoot, encoding: "utf8" }).split("\0");
    const hash = createHash("sha256");
    for (const file of new Set(files.sort())) {
        const path = join(projectRoot, file);
        if (file.startsWith("bench/results/") || file.endsWith(".md") || !existsSync(path))
            continue;
        if (file !== "") hash.update(JSON.stringify([file, readFileSync(path, "base64")]));
    }
    return hash.digest("hex").slice(0, 16);
}
