import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";

const server = fileURLToPath(new URL("../fixtures/quotingServer.mjs", import.meta.url));
const number = "12345678901234567890";
const args = `{"id":${number},"amount":1.10,"ids":[${number}]}`;
const envelope = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`;

const clients = {
    "up to 2025-11-25": { headers: {}, meta: "" },
    "from 2026-07-28 on": {
        headers: {
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": "quote",
        },
        meta: `,${envelope}`,
    },
};

describe("numbers of 64 bits", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: [process.execPath, server] });
    });
    after(() => bridge.close());

    for (const [era, { headers, meta }] of Object.entries(clients)) {
        it(`keep their digits both ways for a client ${era}`, async () => {
            const response = await fetch(bridge.url, {
                method: "POST",
                headers: {
                    "content-type": "application/json",
                    accept: "application/json, text/event-stream",
                    ...headers,
                },
                body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"quote","arguments":${args}${meta}}}`,
            });
            const text = await response.text();
            assert.equal(response.status, 200, text);
            const { result } = JSON.parse(text) as { result: { content: [{ text: string }] } };
            assert.ok(result.content[0].text.includes(`"arguments":${args}`), text);
            assert.ok(text.includes('"structuredContent":{"id":9007199254740993}'), text);
        });
    }
});
