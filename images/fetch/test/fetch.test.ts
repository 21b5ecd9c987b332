import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { installRequirements } from "../../../test/support/pythonServer.ts";
import { startFixture, type RunningBridge } from "../../bridge/test/support/startFixture.ts";

const page =
    "<html><head><title>T</title></head><body><article><h1>Harbour</h1><p>Ships leave at noon.</p></article></body></html>";
const info = { name: "test", version: "1" };

describe("fetch, behind the bridge", function () {
    this.timeout(180_000);
    let pages: Server;
    let url: string;
    let bridge: RunningBridge;
    before(async () => {
        pages = createServer((_, response) =>
            response.setHeader("content-type", "text/html").end(page),
        );
        await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
        const bin = await installRequirements(join(import.meta.dirname, ".."));
        const program = join(bin, "mcp-server-fetch");
        bridge = await startFixture(
            { command: [program, "--ignore-robots-txt", "--allow-private-ips"], startSeconds: 60 },
            // Without Node on its PATH, as in the image: it would install its own helper with npm.
            { PATH: bin, HOME: "/nonexistent" },
        );
    });
    after(async () => {
        await bridge.close();
        pages.close();
    });

    it("gives a page as Markdown to SDK v1", async () => {
        const client = new ClientV1(info);
        await client.connect(new TransportV1(new URL(bridge.url)));
        const { content } = await client.callTool({ name: "fetch", arguments: { url } });
        assert.match(JSON.stringify(content), /Ships leave at noon/);
        await client.close();
    });

    it("gives a page as Markdown to SDK v2, which speaks 2026-07-28", async () => {
        const client = new Client(info, { versionNegotiation: { mode: "auto" } });
        await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
        assert.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
        assert.deepEqual(
            (await client.listTools()).tools.map(({ name }) => name),
            ["fetch"],
        );
        const { content } = await client.callTool({ name: "fetch", arguments: { url } });
        assert.match(JSON.stringify(content), /Ships leave at noon/);
        await client.close();
    });

    it("is the version that the image names", () => {
        assert.equal(bridge.child.description?.serverInfo.version, "2026.10.24");
    });
});
