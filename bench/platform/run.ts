import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { ensurePlatform, type Platform } from "../../local/platform.ts";
import { removeRemains } from "../../test/testRun/remains.ts";
import { beginRun, runEnvironment } from "../../test/testRun/testRun.ts";
import { round3, type ResultRow } from "../figures.ts";
import { printFigures, printRows } from "../printResult.ts";
import { measureAddedTime } from "./addedTime.ts";
import { bars, type FigureName } from "./bars.ts";
import { resultFile } from "./files.ts";
import { readBenchOptions, type BenchOptions } from "./options.ts";
import { measurePreviews, previewFigures } from "./preview.ts";
import { buildResult, hashSources, readResult, type Measured } from "./result.ts";
import { measureCold, measureNoop, measureReadyWarm } from "./up.ts";
import { readVersions } from "./versions.ts";

/** Runs the bench of the platform; gives its exit code. */
export async function run(args: string[]): Promise<number> {
    const options = readBenchOptions(args);
    if ("problem" in options) {
        console.error(options.problem);
        return 2;
    }
    const sources = hashSources();
    const platform = await ensurePlatform();
    Object.assign(process.env, platform.environment);
    const { measured, failures } = await withTestRun(() => measure(options, platform));
    const versions = await readVersions(platform.kubeconfig);
    const result = buildResult(measured, versions, sources, readResult(resultFile));
    printRows(result.rows);
    console.log("");
    const unmet = printFigures(bars, measured.ratios, false);
    for (const failure of failures) console.error(`\n${failure}`);
    writeFileSync(resultFile, `${JSON.stringify(result, undefined, 4)}\n`);
    const missing = Object.keys(bars).filter((name) => !(name in result.ratios));
    console.log(
        "written: bench/results/platform.json" +
            (missing.length > 0 ? `, without ${missing.join(", ")}` : ""),
    );
    return unmet + failures.length > 0 ? 1 : 0;
}

/** Gives the machines and stacks that are measured the names of a test run, and removes what is left of them. */
async function withTestRun<T>(body: () => Promise<T>): Promise<T> {
    const { TMPDIR = tmpdir() } = process.env;
    const testRun = await beginRun();
    Object.assign(process.env, runEnvironment(testRun));
    try {
        return await body();
    } finally {
        process.env["TMPDIR"] = TMPDIR;
        await removeRemains(testRun.name);
        await testRun.release();
    }
}

/** Measures one thing after the other; what fails is told at the end and leaves its figures out. */
async function measure(
    { figures, rounds }: BenchOptions,
    { environment, kubeconfig }: Platform,
): Promise<{ measured: Measured; failures: string[] }> {
    const measured: Measured = { rows: [], ratios: {} };
    const failures: string[] = [];
    const attempt = async (names: FigureName[], body: () => Promise<Measured>) => {
        if (!names.some((name) => figures.includes(name))) return;
        console.log(`\nmeasuring ${names.join(", ")}`);
        try {
            const { rows, ratios } = await body();
            measured.rows.push(...rows);
            Object.assign(measured.ratios, ratios);
        } catch (error) {
            failures.push(`${names.join(", ")}: ${(error as Error).message}`);
        }
    };
    const ofSeconds = (name: FigureName, row: ResultRow, unit: number): Measured => ({
        rows: [row],
        ratios: { [name]: round3(Number(row.seconds) / unit) },
    });
    await attempt(previewFigures, () => measurePreviews(figures, rounds, environment));
    await attempt(["upNoopS"], async () => ofSeconds("upNoopS", await measureNoop(rounds), 1));
    await attempt(["addedP50Ms"], async () => {
        const { rows, addedP50Ms } = await measureAddedTime(rounds, kubeconfig);
        return { rows, ratios: { addedP50Ms } };
    });
    await attempt(["readyWarmS"], async () =>
        ofSeconds("readyWarmS", await measureReadyWarm(rounds), 1),
    );
    await attempt(["upColdMin"], async () => ofSeconds("upColdMin", await measureCold(), 60));
    return { measured, failures };
}
