import assert from "node:assert/strict";

import { describeCommand } from "../../local/commands.ts";

describe("describeCommand", () => {
    it("names the stack and the cluster that a command is for", () => {
        const mine = { stack: "mine", context: "kind" };
        assert.deepEqual(
            [
                describeCommand("down", { stack: "dev" }),
                describeCommand("token", { stack: "mine" }, "agent"),
                describeCommand("up", mine, "--refresh"),
            ],
            [
                "npm run down",
                "npm run token -- agent --stack mine",
                "npm run up -- --refresh --stack mine --context kind",
            ],
        );
    });
});
