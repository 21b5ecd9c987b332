import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { installRequirements } from "../../../../test/support/pythonServer.ts";
import { clientKinds } from "./support/clientKinds.ts";
import { startServer, type ServedServer } from "./support/startServer.ts";

/** A page longer than one answer of the server, with text that careless bridges change. */
const paragraph = "Zürich\u00a0–\u00a0👩‍👩‍👧 soft\u00adhyphen \u2028 line. ";
const page = `<html><head><title>T</title></head><body><article><h1>Harbour</h1><p>${paragraph.repeat(400)}</p></article></body></html>`;

describe("mcp-server-fetch through the bridge", function () {
    this.timeout(180_000);
    let pages: Server;
    let url: string;
    let served: ServedServer;
    before(async () => {
        pages = createServer((request, response) => {
            response.statusCode = request.url === "/gone" ? 410 : 200;
            response.setHeader("content-type", "text/html; charset=utf-8").end(page);
        });
        await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
        const bin = await installRequirements(join(import.meta.dirname, "../../../fetch"));
        served = await startServer(
            [],
            [join(bin, "mcp-server-fetch"), "--ignore-robots-txt", "--allow-private-ips"],
            // Without Node on its PATH it does not try to install an extractor of its own.
            { PATH: bin, HOME: "/nonexistent" },
        );
    });
    after(async () => {
        await served.close();
        pages.close();
    });

    for (const kind of clientKinds) {
        it(`reads a page in pieces, and its raw form: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            const first = await client.text("fetch", { url });
            assert.ok(first.includes("# Harbour"), "its beginning is missing");
            assert.ok(first.includes("with a start_index of 5000"), "all of it came at once");
            const second = await client.text("fetch", { url, start_index: 5000 });
            assert.ok(!second.includes("# Harbour") && second.includes("hyphen"), "not the rest");
            const raw = await client.text("fetch", { url, raw: true, max_length: 100_000 });
            assert.ok(raw.includes(page), "some character of the page is another now");
        });

        it(`offers the prompt, and says why a page cannot be had: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            assert.deepEqual(
                (await client.prompts()).map(({ name }) => name),
                ["fetch"],
            );
            assert.match(JSON.stringify(await client.prompt("fetch", { url })), /Harbour/);
            const failed = await client.call("fetch", { url: `${url}gone` }).catch(String);
            assert.match(JSON.stringify(failed), /410/);
        });
    }
});
