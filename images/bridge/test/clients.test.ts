import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";

const info = { name: "test", version: "1" };
const threeSteps = { name: "progress", arguments: { steps: 3 } };

describe("the official clients", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture();
    });
    after(() => bridge.close());

    for (const [mode, version] of [
        ["auto", "2026-07-28"],
        ["legacy", "2025-11-25"],
    ] as const) {
        it(`SDK v2 in mode '${mode}' speaks ${version}: lists, calls, progress, errors`, async () => {
            const client = new Client(info, { versionNegotiation: { mode } });
            await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
            try {
                assert.equal(client.getNegotiatedProtocolVersion(), version);
                assert.equal(client.getServerVersion()?.name, "fixture");
                const { tools } = await client.listTools();
                assert.ok(tools.length > 10);
                const steps: number[] = [];
                const result = await client.callTool(threeSteps, {
                    onprogress: ({ progress }) => steps.push(progress),
                });
                assert.deepEqual(steps, [1, 2, 3]);
                assert.deepEqual(result.content, [{ type: "text", text: "done" }]);
                await assert.rejects(client.callTool({ name: "nope" }), /unknown tool 'nope'/);
            } finally {
                await client.close();
            }
        });
    }

    it("SDK v1 speaks 2025-11-25: lists, calls, progress, cancels", async () => {
        const client = new ClientV1(info);
        const transport = new TransportV1(new URL(bridge.url));
        await client.connect(transport);
        try {
            assert.equal(transport.protocolVersion, "2025-11-25");
            assert.equal((await client.listTools()).tools.length, 5);
            const steps: number[] = [];
            await client.callTool(threeSteps, undefined, {
                onprogress: ({ progress }) => steps.push(progress),
            });
            assert.deepEqual(steps, [1, 2, 3]);
            const call = { name: "sleep", arguments: { ms: 60_000 } };
            const signal = AbortSignal.timeout(200);
            await assert.rejects(client.callTool(call, undefined, { signal }));
            const { content } = await client.callTool({ name: "cancelled" });
            const [{ text }] = content as [{ text: string }];
            assert.deepEqual(JSON.parse(text).waiting, []);
        } finally {
            await client.close();
        }
    });
});
