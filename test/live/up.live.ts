import assert from "node:assert/strict";
import { spawn } from "node:child_process";

import { projectRoot } from "../../local/stack.ts";

describe("npm run up", function () {
    this.timeout(45 * 60_000);

    it("goes from nothing to servers called through their public URLs", async () => {
        const { code, output } = await run(["run", "up"]);
        assert.equal(code, 0, output);
        assert.match(output, /^✔ Kubernetes control plane {2}\d+\.\d s$/m);
        assert.match(output, /^engine: pulumi .*, .+$/m);
        assert.match(output, /^provider kubernetes: .+; .+$/m);
        const line = (server: string) =>
            new RegExp(
                `^✔ ${server} {2}https://localhost:30443/${server}/mcp .* MCP 2025-11-25 and 2026-07-28 {2}tools `,
                "m",
            );
        assert.match(output, line("add-numbers"));
        assert.match(output, line("fetch"));
    });

    it("refuses an option it does not know, with the ones it takes", async () => {
        const { code, output } = await run(["run", "up", "--", "--contxt", "x"]);
        assert.equal(code, 1);
        assert.match(output, /--contxt/);
        assert.match(output, /usage: npm run up -- \[--context NAME\] \[--stack NAME\]/);
    });
});

/** Runs npm as a user would, in the checkout; its output is shown too, because it takes long. */
function run(args: string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn("npm", args, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                process.stdout.write(text);
            });
        }
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, output }));
    });
}
