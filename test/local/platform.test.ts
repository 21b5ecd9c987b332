import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";

const tryBoth = `
    const { ensurePlatform, removePlatform } = await load("platform.ts");
    for (const action of [ensurePlatform, removePlatform]) {
        await action().catch((error) => console.log(error.message));
    }
    const { readdirSync } = await import("node:fs");
    console.log(JSON.stringify(readdirSync(process.env.HOME)));
`;

describe("the embedded platform", () => {
    it("does nothing without root, and lists the alternatives", async () => {
        const { stdout } = await evaluate(`process.getuid = () => 1000; ${tryBoth}`);
        const refusal =
            "embedded platform: needs root for namespaces and mounts; run it with sudo; " +
            "or use a cluster of your own with '-- --context NAME'";
        assert.deepEqual(stdout.trim().split("\n"), [refusal, refusal, "[]"]);
    });

    it("does nothing on another system, and lists all problems", async () => {
        const other = `
            Object.defineProperty(process, "platform", { value: "darwin" });
            process.getuid = () => 501;
        `;
        const { stdout } = await evaluate(other + tryBoth);
        assert.match(stdout, /runs on Linux, this is 'darwin'; needs root/);
        assert.match(stdout, /\[\]\n$/);
    });

    it("starts nothing when its module is loaded", async () => {
        const { stdout } = await evaluate(`
            await load("platform.ts");
            const { readdirSync } = await import("node:fs");
            console.log(readdirSync(process.env.HOME).length);
        `);
        assert.equal(stdout, "0\n");
    });
});
