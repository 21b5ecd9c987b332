import assert from "node:assert/strict";

import { deployWeather } from "./libraryProgram.ts";
import { kindOf, recordResources, valueOf } from "./support/recordResources.ts";
import { makeSourceDirectory } from "./support/sourceDirectory.ts";

describe("a program that uses the components without this project's configuration", () => {
    it("deploys a server and returns its address", async () => {
        const sources = { bridge: makeSourceDirectory(), weather: makeSourceDirectory() };
        let endpoints: Record<string, string> = {};
        const recording = await recordResources(async () => {
            endpoints = await valueOf(deployWeather(sources).endpoints);
        });
        assert.deepEqual(endpoints, { weather: "https://mcp.example.org/weather/mcp" });
        const kinds = new Set(recording.map(kindOf));
        for (const kind of ["Image", "Deployment", "HorizontalPodAutoscaler", "TokenVerifier"]) {
            assert.ok(kinds.has(kind), kind);
        }
    });
});
