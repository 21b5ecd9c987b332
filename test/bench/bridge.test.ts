import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bars } from "../../bench/bridge/bars.ts";
import { pictureFile, resultFile, soakFile } from "../../bench/bridge/files.ts";
import { peers } from "../../bench/bridge/peers.ts";
import type { BenchResult } from "../../bench/bridge/result.ts";
import { itMeetsBars } from "./itMeetsBars.ts";

/** Nothing is timed here: what is checked is the committed result of `npm run bench -- bridge`. */
const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;

describe("bench/results/bridge.json", () => {
    itMeetsBars(resultFile, bars);

    it("has every bridge, measured without a lost call or with the reason why not", () => {
        const { rows, versions } = read<BenchResult>(resultFile);
        const named = peers.flatMap((peer) =>
            peer.bridges("").map((bridge) => [bridge.name, peer.version]),
        );
        for (const [name = "", version] of named) {
            assert.equal(versions[name], version);
            const own = rows.filter((row) => row.name === name);
            const measured = own.some(
                ({ cell, cpuMsPerCall }) => cell === "legacy-16" && cpuMsPerCall,
            );
            assert.ok(measured || own.some(({ unavailable }) => unavailable), name);
        }
        const ours = rows.filter(({ name, lost }) => name === "slipway" && lost !== undefined);
        assert.ok(ours.length > 0);
        assert.deepEqual(
            ours.filter(({ lost }) => lost !== 0),
            [],
        );
    });

    it("has a picture that shows each bridge's figure", () => {
        const picture = readFileSync(pictureFile, "utf8");
        for (const { name, cell, rps } of read<BenchResult>(resultFile).rows) {
            if (cell !== "legacy-16" || /-(auth|logging)$/.test(name)) continue;
            assert.match(picture, new RegExp(`>${Number(rps).toFixed(0)}<`), name);
        }
    });
});

describe("bench/results/bridge-soak.json", () => {
    it("has 200,000 right answers and no problem", () => {
        const { right, wrong, problems } = read<{
            right: number;
            wrong: string[];
            problems: string[];
        }>(soakFile);
        assert.ok(right >= 200_000);
        assert.deepEqual([wrong, problems], [[], []]);
    });
});
