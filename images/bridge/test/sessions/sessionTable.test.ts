import assert from "node:assert/strict";
import { mock } from "node:test";
import { SessionTable } from "../../src/sessions/sessionTable.ts";

const key = Buffer.alloc(32, 7);
const terms = {
    principal: "alice",
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: {},
    plan: "shared",
} as const;

function createTable(address: string, max = 10): SessionTable {
    const events = { events: 10, bytes: 1000 };
    return new SessionTable({ key, address, idleTime: 10_000, lifetime: 60_000, max, events });
}

describe("the sessions of replicas with one key", () => {
    beforeEach(() => mock.timers.enable({ apis: ["Date", "setInterval"], now: 1_000_000 }));
    afterEach(() => mock.timers.reset());

    it("have ids that tell any of them where they are, whose they are and whether they can go elsewhere", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = first.open(terms, true);
        const { address, bound, openedAt } = second.read(id, "alice") ?? {};
        assert.deepEqual([address, bound, openedAt], ["10.0.0.1", true, 1_000_000]);
        assert.equal(second.read(id, "bob"), undefined);
        assert.equal(second.read(id, undefined), undefined);
    });

    it("last as long as if they had stayed with the first", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = first.open(terms, false);
        mock.timers.tick(50_000);
        const name = second.read(id, "alice");
        assert.ok(name);
        second.adopt(id, terms, name);
        mock.timers.tick(9000);
        assert.ok(second.find(id, "alice"));
        mock.timers.tick(4000);
        assert.equal(second.find(id, "alice"), undefined);
        assert.equal(second.read(id, "alice"), undefined);
    });

    it("are idle from their last use on", () => {
        const table = createTable("10.0.0.1");
        const { id } = table.open(terms, true);
        const unused = table.open(terms, true).id;
        mock.timers.tick(8000);
        assert.ok(table.find(id, "alice"));
        mock.timers.tick(5000);
        assert.equal(table.find(unused, "alice"), undefined);
        assert.ok(table.find(id, "alice"));
    });

    it("make room in the order of their last use", () => {
        const table = createTable("10.0.0.1", 2);
        const [first, second] = [table.open(terms, true), table.open(terms, true)];
        mock.timers.tick(2000);
        table.find(first.id, "alice");
        table.open(terms, true);
        assert.ok(table.find(first.id, "alice"));
        assert.equal(table.find(second.id, "alice"), undefined);
    });

    it("stay ended, though their ids were good", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = first.open(terms, false);
        second.end(id);
        assert.equal(second.read(id, "alice"), undefined);
        assert.ok(first.find(id, "alice"));
    });
});
