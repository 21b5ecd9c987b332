import assert from "node:assert/strict";

import type { StackOutputs } from "../../verify/outputs.ts";
import { verifyServer } from "../../verify/verifyServer.ts";
import { devServers } from "../support/devServers.ts";
import type { VerificationError } from "../../verify/verifyServer.ts";
import { verifyStack } from "../../verify/verifyStack.ts";
import { testStack } from "./testStack.ts";

describe("the test stage", function () {
    // The first of the suites that deploys the stack.
    this.timeout(600_000);

    it("calls every server through its public URL and prints a line for each", async () => {
        const { outputs } = await testStack();
        const lines: string[] = [];
        const verified = await verifyStack(outputs, { print: (line) => lines.push(line) });

        assert.deepEqual(
            verified.map(({ server }) => server),
            [...Object.keys(devServers), "probe-server"].sort(),
        );
        assert.equal(lines.length, verified.length);
        for (const { server, url, tools, protocolVersions } of verified) {
            const line = lines.find((one) => one.includes(server)) ?? "";
            assert.ok(line.includes(url) && line.includes(tools[0]!), line);
            assert.deepEqual(protocolVersions, ["2025-11-25", "2026-07-28"]);
        }
    });

    const failures = [
        {
            name: "an endpoint that is not there",
            step: "connect with SDK v1",
            change: ({ endpoints }: StackOutputs) => {
                const url = new URL("/nowhere/mcp", endpoints["add-numbers"]).href;
                return { endpoints: { "add-numbers": url } };
            },
        },
        {
            name: "a client's wrong secret",
            step: "get a token for 'add-numbers-only'",
            change: () => ({ clientSecrets: { "add-numbers-only": "wrong" } }),
        },
        {
            name: "a probe that answers something else",
            step: "probe with SDK v1",
            change: () => ({
                probes: {
                    "add-numbers": {
                        tool: "add_numbers",
                        args: { a: 1, b: 2 },
                        expect: "4",
                        scopes: [],
                    },
                },
            }),
        },
    ];
    for (const { name, step, change } of failures) {
        it(`names server, step and cause of ${name}`, async () => {
            const { outputs } = await testStack();
            await assert.rejects(
                verifyServer({ ...outputs, ...change(outputs) }, "add-numbers"),
                (error: VerificationError) => {
                    assert.equal(error.server, "add-numbers");
                    assert.equal(error.step, step);
                    assert.match(error.message, /^add-numbers: .*: ./);
                    return true;
                },
            );
        });
    }
});
