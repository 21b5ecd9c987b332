import assert from "node:assert/strict";

import { devServers } from "../support/devServers.ts";
import { neighbour, recordNeighbour } from "./neighbour.ts";

describe("npm run up", function () {
    this.timeout(45 * 60_000);

    it("goes from nothing to servers called through their public URLs", async () => {
        const { checkout, output } = await neighbour();
        assert.match(output, /^✔ Kubernetes control plane {2}\d+\.\d s {2}\(log: .+\)$/m);
        assert.match(output, /^engine: pulumi .*, .+$/m);
        assert.match(output, /^provider kubernetes: .+; .+$/m);
        for (const [server, path] of Object.entries(devServers)) {
            const url = `https://localhost:${checkout.port}${path}`;
            const versions = "MCP 2025-11-25 and 2026-07-28";
            assert.match(output, new RegExp(`^✔ ${server}  ${url}  .*  ${versions}  tools `, "m"));
        }
    });

    it("waits for another one beside it, and says so", async () => {
        const one = await neighbour();
        const runs = await Promise.all([one.checkout.npm("up"), one.checkout.npm("up")]);
        for (const { code, output } of runs) assert.equal(code, 0, output);
        const waited = runs.filter(({ output }) => /process \d+ works on it, waiting/.test(output));
        assert.ok(waited.length >= 1);
        // Each update is written to the history.
        one.record = await recordNeighbour(one.checkout);
    });

    it("refuses an option it does not know, with the ones it takes", async () => {
        const { checkout } = await neighbour();
        const { code, output } = await checkout.npm("up", "--", "--contxt", "x");
        assert.equal(code, 1);
        assert.match(output, /--contxt/);
        assert.match(
            output,
            /usage: npm run up -- \[--refresh\] \[--context NAME\] \[--stack NAME\]/,
        );
    });
});
