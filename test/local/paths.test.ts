import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";

const print = `
    const { paths } = await load("paths.ts");
    console.log(JSON.stringify([paths.cache, paths.platform, paths.runtime]));
`;

describe("paths", () => {
    it("are below the home directory, and short for sockets", async () => {
        const { stdout } = await evaluate(`process.env.HOME = "/home/someone";${print}`);
        assert.deepEqual(JSON.parse(stdout), [
            "/home/someone/.cache/slipway",
            "/home/someone/.local/state/slipway/platform",
            "/run/slipway",
        ]);
    });

    it("are below the home directory when the variables are empty", async () => {
        const { stdout } = await evaluate(
            `Object.assign(process.env, { HOME: "/h", XDG_CACHE_HOME: "", XDG_STATE_HOME: "" });${print}`,
        );
        assert.deepEqual(JSON.parse(stdout).slice(0, 2), [
            "/h/.cache/slipway",
            "/h/.local/state/slipway/platform",
        ]);
    });

    it("follow the directories that the caller sets", async () => {
        const { stdout } = await evaluate(
            `Object.assign(process.env, { XDG_CACHE_HOME: "/c", XDG_STATE_HOME: "/s" });${print}`,
        );
        assert.deepEqual(JSON.parse(stdout).slice(0, 2), ["/c/slipway", "/s/slipway/platform"]);
    });

    it("move the directory of stacks alone when the caller sets it", async () => {
        const { stdout } = await evaluate(`
            process.env.SLIPWAY_STACKS = "/elsewhere";
            const { devStateDirectory, paths } = await load("paths.ts");
            console.log(devStateDirectory() + " " + paths.platform.startsWith(process.env.HOME));
        `);
        assert.equal(stdout, "/elsewhere/embedded true\n");
    });
});
