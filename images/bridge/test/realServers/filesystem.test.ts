import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientKinds } from "./support/clientKinds.ts";
import { npmServer, startServer, type ServedServer } from "./support/startServer.ts";

/** Two spellings of one letter, joined emoji, and signs that end lines or are not seen. */
const name = "Zu\u0308rich ü 👩‍👩‍👧 日本語.txt";
const text =
    "soft\u00adhyphen\u00a0nbsp\u2028line\u2029paragraph\u200d\ufeff\u0000 \u{10ffff} ende\n";

describe("server-filesystem through the bridge", function () {
    this.timeout(60_000);
    let root: string;
    let served: ServedServer;
    before(async () => {
        root = realpathSync(mkdtempSync(join(tmpdir(), "slipway-files-")));
        served = await startServer([], npmServer("filesystem", root));
    });
    after(async () => {
        await served.close();
        rmSync(root, { recursive: true });
    });

    for (const [index, kind] of clientKinds.entries()) {
        it(`writes, reads, lists, edits and finds files: ${kind.title}`, async () => {
            const directory = join(root, `fjord ${index}`);
            const path = join(directory, name);
            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            await client.call("create_directory", { path: directory });
            await client.call("write_file", { path, content: text });
            assert.equal(readFileSync(path, "utf8"), text);
            assert.equal(await client.text("read_text_file", { path }), text);
            assert.equal(
                await client.text("list_directory", { path: directory }),
                `[FILE] ${name}`,
            );
            const pattern = "**/*日本*";
            assert.equal(await client.text("search_files", { path: root, pattern }), path);
            const edits = [{ oldText: "ende", newText: "anfang" }];
            await client.call("edit_file", { path, edits });
            assert.ok(readFileSync(path, "utf8").endsWith("anfang\n"));
            rmSync(directory, { recursive: true });
        });

        it(`gives large and binary files back as they are: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            const content = "0123456789abcdé\n".repeat(64 * 1024);
            const path = join(root, "large.txt");
            writeFileSync(path, content);
            const large = await client.call("read_text_file", { path });
            assert.ok(large.content[0]?.text === content, "its text is another");
            assert.ok(large.structuredContent?.content === content, "its structure is another");

            const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
            writeFileSync(join(root, "dot.png"), bytes);
            const media = await client.call("read_media_file", { path: join(root, "dot.png") });
            assert.deepEqual(media.content, [
                { type: "image", data: bytes.toString("base64"), mimeType: "image/png" },
            ]);
        });

        it(`refuses what is outside, as the server says it: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            const outside = await client.call("read_text_file", { path: "/etc/hostname" });
            assert.equal(outside.isError, true);
            assert.match(JSON.stringify(outside.content), /outside allowed directories/);
        });
    }

    it("answers many calls at once, of both eras, each with its own file", async () => {
        const directory = join(root, "many");
        mkdirSync(directory);
        const clients = await Promise.all(clientKinds.map((kind) => kind.connect(served.url)));
        const calls = Array.from({ length: 120 }, async (_, index) => {
            const path = join(directory, `${index}`);
            writeFileSync(path, `content ${index}`);
            const client = clients[index % clients.length];
            assert.equal(await client?.text("read_text_file", { path }), `content ${index}`);
        });
        await Promise.all(calls);
        await Promise.all(clients.map((client) => client.close()));
    });
});
