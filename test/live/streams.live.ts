import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import assert from "node:assert/strict";

import { testStack } from "./testStack.ts";
import { bearer, post } from "./post.ts";

describe("a stream", function () {
    this.timeout(180_000);

    it("lives for 70 s and brings each progress as it happens", async () => {
        const { outputs, token } = await testStack();
        const client = new Client({ name: "slipway-test", version: "1.0.0" });
        const headers = bearer(await token("agent"));
        const url = new URL(outputs.endpoints["probe-server"]!);
        await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
        const seconds = 70;
        const steps = 14;
        const arrivals: number[] = [];
        const started = Date.now();
        const result = await client.callTool(
            { name: "count_slowly", arguments: { seconds, steps } },
            undefined,
            {
                timeout: 120_000,
                onprogress: () => arrivals.push((Date.now() - started) / 1000),
            },
        );
        await client.close();
        assert.match(JSON.stringify(result.content), /counted to 14/);
        assert.equal(arrivals.length, steps);
        // A gateway that buffers delivers them together; the server sends one every five seconds.
        for (const [index, arrival] of arrivals.entries()) {
            const due = ((index + 1) * seconds) / steps;
            assert.ok(Math.abs(arrival - due) < 3, `progress ${index + 1} came at ${arrival} s`);
        }
    });

    it("brings a large answer whole", async () => {
        const { outputs, token } = await testStack();
        const { status, text } = await post(
            outputs.endpoints["probe-server"]!,
            {
                method: "tools/call",
                params: { name: "repeat_text", arguments: { text: "slip", kibibytes: 8192 } },
            },
            bearer(await token("agent")),
        );
        assert.equal(status, 200);
        assert.ok(text.includes("slip".repeat(2 * 1024 * 1024)));
    });

    it("takes a large request, and refuses one over the limit with JSON", async () => {
        const { outputs, token } = await testStack();
        const send = async (kibibytes: number) =>
            post(
                outputs.endpoints["probe-server"]!,
                {
                    method: "tools/call",
                    params: {
                        name: "repeat_text",
                        arguments: { text: "x".repeat(kibibytes * 1024), kibibytes: 1 },
                    },
                },
                bearer(await token("agent")),
            );
        assert.equal((await send(3 * 1024)).status, 200);
        const refused = await send(5 * 1024);
        assert.equal(refused.status, 413);
        assert.ok(JSON.parse(refused.text));
    });
});
