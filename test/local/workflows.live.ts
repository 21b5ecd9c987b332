import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { promisify } from "node:util";

import { buildTool } from "../../local/toolchain/buildTool.ts";

describe("the workflows", function () {
    this.timeout(300_000);

    it("pass actionlint", async () => {
        const actionlint = await buildTool("actionlint");
        const files = globSync(".github/workflows/*.yml");
        assert.equal(files.length, 3);
        const { stdout } = await promisify(execFile)(actionlint, files);
        assert.equal(stdout, "");
    });
});
