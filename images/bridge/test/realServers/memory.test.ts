import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { until } from "../support/until.ts";
import { clientKinds, modernKind, oldKind } from "./support/clientKinds.ts";
import type { ConnectedClient } from "./support/connectedClient.ts";
import { npmServer, startServer, type ServedServer } from "./support/startServer.ts";

const graphUri = "memory://knowledge-graph";

describe("server-memory through the bridge", function () {
    this.timeout(60_000);
    let directory: string;
    let files = 0;
    /** A bridge whose servers keep their graph in a new file. */
    const start = (...flags: string[]): Promise<ServedServer> =>
        startServer(["--child-env", "MEMORY_FILE_PATH", ...flags], npmServer("memory"), {
            PATH: process.env.PATH,
            MEMORY_FILE_PATH: join(directory, `${files++}.jsonl`),
        });
    const create = (client: ConnectedClient, name: string, observation = "was seen") =>
        client.call("create_entities", {
            entities: [{ name, entityType: "ship", observations: [observation] }],
        });
    const names = async (client: ConnectedClient) => {
        const { structuredContent } = await client.call("read_graph");
        return (structuredContent as { entities: { name: string }[] }).entities
            .map(({ name }) => name)
            .sort();
    };
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "slipway-memory-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    for (const kind of clientKinds) {
        it(`remembers entities and relations, and finds them: ${kind.title}`, async () => {
            await using served = await start();
            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            await create(client, "Ægir", "läuft um 12 aus 🚢");
            await create(client, "Rán");
            const relation = { from: "Rán", to: "Ægir", relationType: "follows" };
            await client.call("create_relations", { relations: [relation] });
            assert.deepEqual(await names(client), ["Rán", "Ægir"]);
            const found = await client.call("search_nodes", { query: "🚢" });
            assert.deepEqual((found.structuredContent as JsonObject).relations, [relation]);
            const [content] = await client.read(graphUri);
            assert.match(String(content?.text), /läuft um 12 aus 🚢/);
        });

        it(`tells whoever watches the graph, and nobody else: ${kind.title}`, async () => {
            await using served = await start();
            const heard: Record<"watcher" | "other", string[]> = { watcher: [], other: [] };
            const hear = (who: keyof typeof heard) => ({
                onNotification: (method: string, params: JsonObject) =>
                    heard[who].push(`${method} ${String(params.uri)}`),
            });
            await using watcher = await kind.connect(served.url, hear("watcher"));
            await using other = await kind.connect(served.url, hear("other"));
            const unwatch = await watcher.watch(graphUri);
            await create(other, "Njörd");
            await until(() => heard.watcher.length > 0);
            assert.deepEqual(heard.watcher, [`notifications/resources/updated ${graphUri}`]);
            await unwatch();
            await create(other, "Skadi");
            assert.deepEqual(await names(watcher), ["Njörd", "Skadi"]);
            assert.equal(heard.watcher.length, 1);
            assert.deepEqual(heard.other, []);
        });
    }

    it("stays watched by one client when another stops", async () => {
        await using served = await start();
        let heard = 0;
        const listening = { onNotification: () => heard++ };
        await using first = await oldKind.connect(served.url, listening);
        await using second = await modernKind.connect(served.url, listening);
        const unwatch = await first.watch(graphUri);
        await second.watch(graphUri);
        await unwatch();
        await create(second, "Freyja");
        await until(() => heard > 0);
        await names(second);
        assert.equal(heard, 1);
    });

    it("keeps its graph when every client has a process of its own", async () => {
        await using served = await start("--isolation", "session");
        const clients = await Promise.all(clientKinds.map((kind) => kind.connect(served.url)));
        for (const [index, client] of clients.entries()) {
            await create(client, `ship ${index}`);
        }
        for (const client of clients) {
            assert.deepEqual(await names(client), ["ship 0", "ship 1", "ship 2"]);
        }
        await Promise.all(clients.map((client) => client.close()));
    });
});
