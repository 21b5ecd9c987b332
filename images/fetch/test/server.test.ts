import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { installRequirements } from "../../../test/support/pythonServer.ts";

describe("fetch", function () {
    this.timeout(300_000);

    it("fetches a page of a private address as Markdown, offline", async () => {
        const programs = await installRequirements(join(import.meta.dirname, ".."));
        const page = "<html><body><article><h1>Hello</h1><p>from here</p></article></body></html>";
        const pages = createServer((_, response) => {
            response.writeHead(200, { "content-type": "text/html" }).end(page);
        });
        await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
        const client = new Client({ name: "test", version: "1.0.0" });
        try {
            await client.connect(
                new StdioClientTransport({
                    command: join(programs, "mcp-server-fetch"),
                    args: ["--ignore-robots-txt", "--allow-private-ips"],
                    // The image has no Node either; with one, a page of the first call would wait for npm.
                    env: { PATH: programs },
                    stderr: "ignore",
                }),
            );
            const { port } = pages.address() as AddressInfo;
            const result = await client.callTool({
                name: "fetch",
                arguments: { url: `http://127.0.0.1:${port}/` },
            });
            assert.match(JSON.stringify(result.content), /from here/);
        } finally {
            await client.close();
            pages.close();
        }
    });
});
