import assert from "node:assert/strict";
import type { Measurement } from "../../bench/bridge/measureRound.ts";
import { buildCellRows, medianOfRatios } from "../../bench/bridge/medians.ts";
import { bridgesInTurn } from "../../bench/bridge/turns.ts";
import { median, meetsBar } from "../../bench/figures.ts";

const measured = (name: string, round: number, cpuMsPerCall: number): Measurement => ({
    name,
    cell: "legacy-16",
    round,
    slice: 1,
    cpuMsPerCall,
    p50Ms: 1,
    p99Ms: 1,
    rps: 1,
    calls: 10,
    lost: 1,
    notificationsPerCall: 0,
    generatorCpuMsPerCall: 1,
});

describe("median", () => {
    for (const { values, expected } of [
        { values: [3, 1, 2], expected: 2 },
        { values: [4, 1, 3, 2], expected: 2.5 },
        { values: [], expected: NaN },
    ]) {
        it(`of [${values.join(", ")}] is ${expected}`, () => {
            assert.deepEqual(median(values), expected);
        });
    }
});

describe("medianOfRatios", () => {
    const own: [string, string] = ["slipway", "legacy-16"];
    const other: [string, string] = ["native", "legacy-16"];

    it("compares within a round, so that a slow round does not count", () => {
        const rounds = [
            [1, 2],
            [30, 40],
            [1, 1],
        ].flatMap(([slipway = 0, native = 0], round) => [
            measured("slipway", round, slipway),
            measured("native", round, native),
        ]);
        assert.equal(medianOfRatios(rounds, "cpuMsPerCall", own, other), 0.75);
    });

    it("compares slice with slice, as the machine may change within a round", () => {
        const slices = [
            [1, 2],
            [30, 40],
            [1, 1],
        ].flatMap(([slipway = 0, native = 0], index) =>
            [measured("native", 1, native), measured("slipway", 1, slipway)].map((one) => ({
                ...one,
                slice: index + 1,
            })),
        );
        assert.equal(medianOfRatios(slices, "cpuMsPerCall", own, other), 0.75);
    });

    it("leaves out rounds in which one of the two failed", () => {
        const failed = { name: "native", cell: "legacy-16", round: 1, slice: 1, failed: "gone" };
        assert.equal(
            medianOfRatios([measured("slipway", 1, 1), failed], "cpuMsPerCall", own, other),
            undefined,
        );
    });
});

describe("buildCellRows", () => {
    it("names a failure beside the medians of the rounds that worked", () => {
        const failed = { name: "slipway", cell: "legacy-16", round: 3, slice: 1, failed: "gone" };
        const rows = buildCellRows([measured("slipway", 1, 1), measured("slipway", 2, 3), failed]);
        assert.deepEqual(
            rows.map(({ cpuMsPerCall, calls, lost, failure }) => [
                cpuMsPerCall,
                calls,
                lost,
                failure,
            ]),
            [[2, 20, 2, "gone"]],
        );
    });
});

describe("bridgesInTurn", () => {
    it("begins each round with another", () => {
        assert.deepEqual(
            [1, 2, 3, 4].map((round) => bridgesInTurn(["a", "b", "c"], round).join("")),
            ["abc", "bca", "cab", "abc"],
        );
    });
});

describe("meetsBar", () => {
    it("takes the bar itself", () => {
        assert.deepEqual(
            [
                meetsBar(1, { atMost: 1 }),
                meetsBar(1.01, { atMost: 1 }),
                meetsBar(1, { atLeast: 1 }),
                meetsBar(0.99, { atLeast: 1 }),
            ],
            [true, false, true, false],
        );
    });
});
