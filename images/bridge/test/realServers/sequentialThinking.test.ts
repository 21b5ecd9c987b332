import assert from "node:assert/strict";
import { clientKinds, modernKind, oldKind } from "./support/clientKinds.ts";
import type { ConnectedClient } from "./support/connectedClient.ts";
import { npmServer, startServer } from "./support/startServer.ts";

/** The server keeps its thoughts in its process and says how many they are. */
async function think(client: ConnectedClient): Promise<unknown> {
    const thought = { thought: "…", thoughtNumber: 1, totalThoughts: 3, nextThoughtNeeded: true };
    const { structuredContent } = await client.call("sequentialthinking", thought);
    return structuredContent?.thoughtHistoryLength;
}

describe("server-sequential-thinking through the bridge", function () {
    this.timeout(60_000);
    const start = (...flags: string[]) => startServer(flags, npmServer("sequential-thinking"));

    it("thinks with every client together when they share it", async () => {
        await using served = await start("--isolation", "shared");
        const lengths: unknown[] = [];
        for (const kind of clientKinds) {
            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            lengths.push(await think(client));
        }
        assert.deepEqual(lengths, [1, 2, 3]);
    });

    it("thinks with each session alone when sessions are kept apart", async () => {
        await using served = await start("--isolation", "session");
        await using mine = await oldKind.connect(served.url);
        await using yours = await oldKind.connect(served.url);
        assert.deepEqual([await think(mine), await think(mine)], [1, 2]);
        assert.deepEqual([await think(yours), await think(mine)], [1, 3]);
    });

    for (const kind of clientKinds) {
        it(`forgets after each request when requests are kept apart: ${kind.title}`, async () => {
            await using served = await start("--isolation", "request");
            await using client = await kind.connect(served.url);
            assert.deepEqual([await think(client), await think(client)], [1, 1]);
        });
    }

    it("thinks with each caller alone when callers are kept apart", async () => {
        await using served = await start("--isolation", "principal", "--identity", "headers");
        const connect = (kind: typeof oldKind, subject: string) =>
            kind.connect(served.url, { subject });
        await using mine = await connect(modernKind, "me");
        assert.deepEqual([await think(mine), await think(mine)], [1, 2]);
        await using yours = await connect(modernKind, "you");
        assert.deepEqual([await think(yours), await think(mine)], [1, 3]);
    });
});
