import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { ToolCatalog } from "../../src/processes/toolCatalog.ts";

const tool = (name: string): JsonObject => ({ name, inputSchema: { type: "object" } });
const names = async (catalog: ToolCatalog): Promise<string[]> =>
    (await catalog.tools()).map(({ name }) => name);

/** A catalogue whose answers a test gives when it wants to, and its requests so far. */
function createHeldCatalog() {
    const requests: { answer(page: JsonObject): void; fail(error: Error): void }[] = [];
    const catalog = new ToolCatalog(
        () =>
            new Promise((resolve, reject) => {
                requests.push({ answer: resolve, fail: reject });
            }),
    );
    return { catalog, requests };
}

/** Lets everything that is settled be acted upon. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("ToolCatalog", () => {
    it("reads every page, with the cursor of the one before", async () => {
        const pages: Record<string, JsonObject> = {
            "": { tools: [tool("a"), tool("b")], nextCursor: "2" },
            2: { tools: [tool("c")], nextCursor: "3" },
            3: { tools: [] },
        };
        const catalog = new ToolCatalog((cursor = "") => Promise.resolve(pages[cursor] ?? {}));
        assert.deepEqual(await names(catalog), ["a", "b", "c"]);
    });

    for (const [what, next] of [
        ["comes back to a cursor", (page: number) => String(page % 3)],
        ["never ends", (page: number) => String(page)],
    ] as const) {
        it(`ends a list that ${what}, with each tool once`, async () => {
            let page = 0;
            const catalog = new ToolCatalog(() => {
                page++;
                return Promise.resolve({
                    tools: [tool("again"), tool(`t${page % 2}`)],
                    nextCursor: next(page),
                });
            });
            assert.deepEqual(await names(catalog), ["again", "t1", "t0"]);
            assert.ok(page <= 1001, String(page));
        });
    }

    it("leaves out what is no tool", async () => {
        const tools = [tool("good"), null, "text", { name: 7 }, { name: "without schema" }];
        assert.deepEqual(await names(new ToolCatalog(() => Promise.resolve({ tools }))), ["good"]);
        assert.deepEqual(await names(new ToolCatalog(() => Promise.resolve({ tools: 1 }))), []);
    });

    it("reads once for all who wait and all who come later, and gives the same array", async () => {
        const { catalog, requests } = createHeldCatalog();
        const waiting = [catalog.tools(), catalog.tools(), catalog.find("a")] as const;
        await settle();
        assert.deepEqual([catalog.loaded, catalog.known("a")], [false, undefined]);
        requests[0]?.answer({ tools: [tool("a")] });
        const [first, second, found] = await Promise.all(waiting);
        assert.equal(first, second);
        assert.equal(found, first[0]);
        assert.equal(await catalog.tools(), first);
        assert.deepEqual([catalog.loaded, catalog.known("a")], [true, first[0]]);
        assert.equal(catalog.known("b"), undefined);
        assert.equal(requests.length, 1);
    });

    it("fails all who wait, keeps nothing, and reads again for the next", async () => {
        const { catalog, requests } = createHeldCatalog();
        const waiting = [catalog.tools(), catalog.find("a")];
        await settle();
        requests[0]?.fail(new Error("no server"));
        for (const result of await Promise.allSettled(waiting)) {
            assert.equal(result.status, "rejected");
        }
        assert.equal(catalog.loaded, false);
        const again = names(catalog);
        await settle();
        requests[1]?.answer({ tools: [tool("a")] });
        assert.deepEqual(await again, ["a"]);
    });

    it("does not keep what was read while the tools changed, and asks one thing at a time", async () => {
        const { catalog, requests } = createHeldCatalog();
        const before = names(catalog);
        await settle();
        catalog.invalidate();
        const after = names(catalog);
        await settle();
        assert.equal(requests.length, 1);
        requests[0]?.answer({ tools: [tool("old")] });
        assert.deepEqual(await before, ["old"]);
        assert.equal(catalog.loaded, false);
        await settle();
        requests[1]?.answer({ tools: [tool("new")] });
        assert.deepEqual(await after, ["new"]);
        assert.ok(catalog.known("new"));
    });

    it("looks again for a missing tool, but not more often than every five seconds", async () => {
        let now = 0;
        const lists = [["a"], ["a", "late"]];
        let reads = 0;
        const catalog = new ToolCatalog(
            () => Promise.resolve({ tools: lists[Math.min(reads++, 1)]?.map(tool) }),
            () => now,
        );
        assert.equal(await catalog.find("late"), undefined);
        now = 5000;
        assert.equal(await catalog.find("late"), undefined);
        assert.equal(reads, 1);
        now = 5001;
        assert.equal((await catalog.find("late"))?.name, "late");
        assert.equal(await catalog.find("never"), undefined);
        assert.equal(reads, 2);
    });
});
