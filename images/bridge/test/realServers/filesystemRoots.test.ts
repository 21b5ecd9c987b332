import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { until } from "../support/until.ts";
import { modernKind, oldKind, type ClientKind } from "./support/clientKinds.ts";
import type { ConnectedClient } from "./support/connectedClient.ts";
import { OldClient } from "./support/oldClient.ts";
import { npmServer, startServer, type ServedServer } from "./support/startServer.ts";

/**
 * The server asks for its client's roots when it was initialised, outside of any call, and takes them over a moment
 * after it was told. A client without sessions meets that same process again when it is known who calls.
 */
const cases: { kind: ClientKind; flags: string[] }[] = [
    { kind: oldKind, flags: [] },
    { kind: modernKind, flags: ["--identity", "headers"] },
];

describe("server-filesystem, with the roots of its clients", function () {
    this.timeout(60_000);
    let base: string;
    const directory = (name: string) => {
        const path = join(base, name);
        mkdirSync(path, { recursive: true });
        writeFileSync(join(path, "secret"), `of ${name}`);
        return path;
    };
    const allowed = (client: ConnectedClient) => client.text("list_allowed_directories");
    const connect = (kind: ClientKind, served: ServedServer, subject: string, root: () => string) =>
        kind.connect(served.url, { subject, roots: () => [pathToFileURL(root()).href] });
    before(() => {
        base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-roots-")));
    });
    after(() => rmSync(base, { recursive: true }));

    for (const { kind, flags } of cases) {
        it(`serves each client in its own roots and in no other's: ${kind.title}`, async () => {
            await using served = await startServer(
                flags,
                npmServer("filesystem", directory("default")),
            );
            const [mine, yours] = [directory("mine"), directory("yours")];
            await using me = await connect(kind, served, "me", () => mine);
            await using you = await connect(kind, served, "you", () => yours);
            await until(async () => (await allowed(me)).endsWith(`\n${mine}`));
            await until(async () => (await allowed(you)).endsWith(`\n${yours}`));

            const path = join(mine, "secret");
            assert.equal(await me.text("read_text_file", { path }), "of mine");
            const refused = await you.call("read_text_file", { path });
            assert.equal(refused.isError, true);
            await using nobody = await kind.connect(served.url, { subject: "nobody" });
            assert.ok((await allowed(nobody)).endsWith("default"), "others' roots came along");
        });
    }

    it("learns of other roots while the session lasts", async () => {
        await using served = await startServer([], npmServer("filesystem", directory("default")));
        let root = directory("first");
        await using client = await OldClient.connect(served.url, {
            roots: () => [pathToFileURL(root).href],
        });
        await until(async () => (await allowed(client)).endsWith("first"));
        root = directory("second");
        await client.rootsChanged();
        await until(async () => (await allowed(client)).endsWith("second"));
    });
});
