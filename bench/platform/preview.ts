import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { median, round3, type ResultRow } from "../figures.ts";
import type { FigureName } from "./bars.ts";
import { previewProgram } from "./files.ts";
import type { Measured } from "./result.ts";
import { writeProject } from "./stackFile.ts";

/** What one preview took. */
interface Preview {
    seconds: number;
    resources: number;
    rssMb: number;
}

/** The figures that follow from previews, and the numbers of servers they need. */
const sizes = {
    previewPerServer50Vs10: [10, 50],
    preview1000Min: [1000],
    previewPerServer1000Vs50: [50, 1000],
    rssMb1000: [1000],
} satisfies Partial<Record<FigureName, number[]>>;

export const previewFigures = Object.keys(sizes) as (keyof typeof sizes)[];

/** Measures first previews against the real engine, each in a process of its own; one of minutes once. */
export async function measurePreviews(
    figures: FigureName[],
    rounds: number,
    environment: Record<string, string>,
): Promise<Measured> {
    const wanted = previewFigures.filter((name) => figures.includes(name));
    const rows = new Map<number, ResultRow>();
    for (const size of new Set(wanted.flatMap((name) => sizes[name]).sort((a, b) => a - b))) {
        rows.set(size, await measurePreview(size, size < 1000 ? rounds : 1, environment));
    }
    const read = (size: number, figure: string) => Number(rows.get(size)?.[figure]);
    const compare = (one: number, other: number) =>
        round3(read(one, "msPerServer") / read(other, "msPerServer"));
    const all = {
        previewPerServer50Vs10: () => compare(50, 10),
        preview1000Min: () => round3(read(1000, "seconds") / 60),
        previewPerServer1000Vs50: () => compare(1000, 50),
        rssMb1000: () => read(1000, "rssMb"),
    };
    const ratios = Object.fromEntries(wanted.map((name) => [name, all[name]()]));
    return { rows: [...rows.values()], ratios };
}

async function measurePreview(
    servers: number,
    rounds: number,
    environment: Record<string, string>,
): Promise<ResultRow> {
    const previews: Preview[] = [];
    for (let round = 0; round < rounds; round += 1) {
        const preview = await previewOnce(servers, environment);
        console.log(`preview of ${servers} servers: ${preview.seconds.toFixed(1)} s`);
        previews.push(preview);
    }
    const middle = (figure: keyof Preview) => median(previews.map((one) => one[figure]));
    return {
        name: "preview",
        cell: `${servers} servers`,
        rounds,
        resources: middle("resources"),
        seconds: round3(middle("seconds")),
        msPerServer: round3((middle("seconds") * 1000) / servers),
        rssMb: round3(Math.max(...previews.map(({ rssMb }) => rssMb))),
    };
}

async function previewOnce(servers: number, environment: Record<string, string>): Promise<Preview> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-preview-"));
    try {
        await writeProject(directory, servers);
        const { stdout } = await promisify(execFile)(
            process.execPath,
            [previewProgram, directory],
            {
                env: { ...process.env, ...environment },
                maxBuffer: 64 << 20,
            },
        );
        const preview = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Preview;
        // The least that a server is: a preview that left some out would be fast.
        const least = servers * 9;
        if (preview.resources < least) {
            throw new Error(
                `preview: must have ${least} resources at least, got ${preview.resources}`,
            );
        }
        return preview;
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
}
