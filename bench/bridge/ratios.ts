import type { FigureName } from "./bars.ts";
import type { FailedCell, Measurement } from "./measureRound.ts";
import { round3, type ResultRow } from "../figures.ts";
import { medianOfRatios } from "./medians.ts";

/** The figures that follow from the cells; one whose bridges were not measured is left out. */
export function buildCellRatios(
    measurements: (Measurement | FailedCell)[],
): Partial<Record<FigureName, number>> {
    const compare = (figure: "cpuMsPerCall" | "rps", cell: string, other: string) =>
        medianOfRatios(measurements, figure, ["slipway", cell], [other, cell]);
    const difference = (own: number, other: number) => own - other;
    const ownAlone = (own: number) => own;
    const ratios: Partial<Record<FigureName, number | undefined>> = {
        cpu1VsNative: compare("cpuMsPerCall", "legacy-1", "native"),
        cpu16VsNative: compare("cpuMsPerCall", "legacy-16", "native"),
        rps16VsNative: compare("rps", "legacy-16", "native"),
        cpu16VsBare: compare("cpuMsPerCall", "legacy-16", "bare"),
        rps16VsBare: compare("rps", "legacy-16", "bare"),
        cpu16VsSupergateway: compare("cpuMsPerCall", "legacy-16", "supergateway"),
        rps16VsSupergateway: compare("rps", "legacy-16", "supergateway"),
        modernCpu16VsLegacy: medianOfRatios(
            measurements,
            "cpuMsPerCall",
            ["slipway", "modern-16"],
            ["slipway", "legacy-16"],
        ),
        addedP50Ms: medianOfRatios(
            measurements,
            "p50Ms",
            ["slipway", "legacy-1"],
            ["bare", "legacy-1"],
            difference,
        ),
        p50Ms1MiB: medianOfRatios(
            measurements,
            "p50Ms",
            ["slipway", "1MiB-1"],
            ["slipway", "1MiB-1"],
            ownAlone,
        ),
        fairP99VsAlone: medianOfRatios(
            measurements,
            "p99Ms",
            ["slipway", "flooded-1"],
            ["slipway", "alone-1"],
        ),
        cpu16Replicas3VsOne: medianOfRatios(
            measurements,
            "cpuMsPerCall",
            ["slipway", "replicas3-16"],
            ["slipway", "replica-16"],
        ),
        handOverAddedP50Ms: medianOfRatios(
            measurements,
            "p50Ms",
            ["slipway", "leased-handed-over-1"],
            ["slipway", "leased-1"],
            difference,
        ),
        restCpu16VsMcp: medianOfRatios(
            measurements,
            "cpuMsPerCall",
            ["slipway", "rest-16"],
            ["slipway", "legacy-16"],
        ),
        authCpu: medianOfRatios(
            measurements,
            "cpuMsPerCall",
            ["slipway-auth", "legacy-16"],
            ["slipway-no-auth", "legacy-16"],
        ),
    };
    return Object.fromEntries(
        Object.entries(ratios).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, round3(value)]],
        ),
    );
}

/** Figures of our own life, by the name they have in its row. */
const lifeFigures = {
    coldStartMs: "coldStartMs",
    idleRssMb: "rssIdleMb",
    loadedRssMb: "rssAfterMb",
    kbPerIdleSession: "kbPerIdleSession",
    sessionStartMs: "sessionStartMs",
    abandonedChildren: "abandonedChildren",
    abandonedRssGrowthMb: "abandonedRssGrowthMb",
    lostOnSigterm: "lostOnSigterm",
} satisfies Partial<Record<FigureName, string>>;

/** The figures that follow from the life of our bridge. */
export function buildLifeFigures(rows: ResultRow[]): Partial<Record<FigureName, number>> {
    const row = rows.find(({ name, cell }) => name === "slipway" && cell === "life");
    return Object.fromEntries(
        Object.entries(lifeFigures).flatMap(([figure, column]) => {
            const value = row?.[column];
            return typeof value === "number" ? [[figure, value]] : [];
        }),
    );
}
