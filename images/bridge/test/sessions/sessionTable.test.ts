import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Session } from "../../src/mcp/legacy/session.ts";
import { KeptEvents } from "../../src/mcp/legacy/keptEvents.ts";
import { SessionTable } from "../../src/mcp/legacy/sessionTable.ts";

const key = Buffer.alloc(32, 7);
const terms = {
    principal: "alice",
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: {},
    plan: "shared",
} as const;

function createTable(address: string, max = 10): SessionTable {
    const events = { events: 10, bytes: 1000, budget: new KeptEvents(1000, 1000) };
    return new SessionTable({ key, address, idleTime: 10_000, lifetime: 60_000, max, events });
}

function open(table: SessionTable, bound: boolean): Session {
    const session = table.open(terms, bound);
    assert.ok(session, "there is no room");
    return session;
}

describe("the sessions of replicas with one key", () => {
    beforeEach(() => mock.timers.enable({ apis: ["Date", "setInterval"], now: 1_000_000 }));
    afterEach(() => mock.timers.reset());

    it("have ids that tell any of them where they are, whose they are and whether they can go elsewhere", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = open(first, true);
        const { address, bound, openedAt } = second.read(id, "alice") ?? {};
        assert.deepEqual([address, bound, openedAt], ["10.0.0.1", true, 1_000_000]);
        assert.equal(second.read(id, "bob"), undefined);
        assert.equal(second.read(id, undefined), undefined);
    });

    it("last as long as if they had stayed with the first", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = open(first, false);
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
        const { id } = open(table, true);
        const unused = open(table, true).id;
        mock.timers.tick(8000);
        assert.ok(table.find(id, "alice"));
        mock.timers.tick(5000);
        assert.equal(table.find(unused, "alice"), undefined);
        assert.ok(table.find(id, "alice"));
    });

    it("make room in the order of their last use", () => {
        const table = createTable("10.0.0.1", 2);
        const [first, second] = [open(table, true), open(table, true)];
        mock.timers.tick(2000);
        table.find(first.id, "alice");
        open(table, true);
        assert.ok(table.find(first.id, "alice"));
        assert.equal(table.find(second.id, "alice"), undefined);
    });

    it("stay ended, though their ids were good", () => {
        const [first, second] = [createTable("10.0.0.1"), createTable("10.0.0.2")];
        const { id } = open(first, false);
        second.end(id);
        assert.equal(second.read(id, "alice"), undefined);
        assert.ok(first.find(id, "alice"));
    });
});
