import assert from "node:assert/strict";
import { isAlive } from "../support/isAlive.ts";
import { initialize, openSession, type RawSession } from "../support/rawSession.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const common = { command: remembering, identity: "headers" as const };
const kinds = { "its own process": { sampling: {} }, "a shared process": {} };

/** How a session's three methods are answered. */
async function statuses(session: RawSession): Promise<number[]> {
    const post = await session.call("recall");
    const get = await session.listen();
    get.cut();
    return [post.status, get.status, await session.end()];
}

describe("a session", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture(common);
    });
    after(() => bridge.close());

    for (const [kind, capabilities] of Object.entries(kinds)) {
        it(`of ${kind} is over when its client says so, for good`, async () => {
            const session = await openSession(bridge.url, { capabilities });
            const other = await openSession(bridge.url, { capabilities });
            assert.deepEqual(await statuses(session), [200, 200, 204]);
            assert.deepEqual(await statuses(session), [404, 404, 404]);
            const { last } = await session.call("recall");
            assert.equal(last.error.message, "unknown session; send 'initialize' again");
            assert.equal((await other.call("recall")).status, 200);
        });

        it(`of ${kind} does not exist for anybody else, who cannot end it either`, async () => {
            const alice = { subject: "alice", capabilities };
            const session = await openSession(bridge.url, alice);
            const nameless = await openSession(bridge.url, { capabilities });
            const intruders = [
                session.as({ subject: "bob" }),
                session.as({ subject: "" }),
                nameless.as({ subject: "alice" }),
            ];
            for (const intruder of intruders) {
                assert.deepEqual(await statuses(intruder), [404, 404, 404]);
            }
            assert.deepEqual(await statuses(session), [200, 200, 204]);
            assert.deepEqual(await statuses(nameless), [200, 200, 204]);
        });
    }

    it("belongs to the client that acts for a user, not to the user's others", async () => {
        const session = await openSession(bridge.url, { subject: "alice" });
        const headers = { ...session.headers, "x-auth-client": "another" };
        const { status } = await fetch(bridge.url, { method: "DELETE", headers });
        assert.equal(status, 404);
        assert.equal((await session.call("recall")).status, 200);
    });

    it("is none when its id is changed in any place", async () => {
        const session = await openSession(bridge.url);
        const { id } = session;
        const characters = /^[\w-]$/;
        const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
        const alphabet = ascii.filter((character) => characters.test(character));
        for (let at = 0; at < id.length; at++) {
            // Bits of the last character stand for nothing: several of them say the same to who decodes it.
            const all = at === id.length - 1;
            const others = alphabet.filter((other) => other !== id[at]);
            for (const other of all ? others : others.slice(0, 1)) {
                const changed = `${id.slice(0, at)}${other}${id.slice(at + 1)}`;
                const forged = { ...session.headers, "mcp-session-id": changed };
                const { status } = await fetch(bridge.url, { method: "DELETE", headers: forged });
                assert.equal(status, 404, changed);
            }
        }
        assert.equal(await session.end(), 204);
    });
});

describe("the life of a session", () => {
    it("begins with its id, however long the server takes to start", async () => {
        const options = { ...common, warmChildren: 0 };
        const bridge = await startFixture(options, process.env, { keepAliveInterval: 1 });
        try {
            const { type, headers } = await initialize(bridge.url, { capabilities: { roots: {} } });
            assert.equal(type, "application/json");
            assert.match(headers.get("mcp-session-id") ?? "", /^[\x21-\x7e]+$/);
        } finally {
            await bridge.close();
        }
    });

    it("ends when it is idle, and not while its client listens or waits", async () => {
        const bridge = await startFixture({ ...common, sessionIdleSeconds: 0.3 });
        try {
            const [idle, listening, waiting] = await Promise.all(
                [0, 1, 2].map(() => openSession(bridge.url, { capabilities: { roots: {} } })),
            );
            const stream = await listening?.listen();
            const call = await waiting?.stream("ask", { method: "roots/list", params: {} });
            const { id } = await call?.find(({ method }) => method === "roots/list");
            await until(() => bridge.counts().sessions === 2);
            assert.equal((await idle?.call("recall"))?.status, 404);
            await waiting?.answer(id, { roots: [] });
            const answer = await call?.find(({ result }) => result !== undefined);
            assert.equal(answer.result.content[0].text, '{"roots":[]}');
            assert.equal((await listening?.call("recall"))?.status, 200);
            await until(() => bridge.counts().sessions === 1);
            assert.equal((await waiting?.call("recall"))?.status, 404);
            stream?.cut();
            await until(() => bridge.counts().sessions === 0);
            await until(() => bridge.counts().children.leased === 0);
        } finally {
            await bridge.close();
        }
    });

    it("of a shared process goes on after an idle time: nothing of it has to be kept", async () => {
        const bridge = await startFixture({ ...common, sessionIdleSeconds: 0.1 });
        try {
            const session = await openSession(bridge.url, { subject: "alice" });
            await until(() => bridge.counts().sessions === 0);
            assert.equal((await session.as({ subject: "bob" }).call("recall")).status, 404);
            assert.equal((await session.call("recall")).status, 200);
        } finally {
            await bridge.close();
        }
    });

    for (const [kind, capabilities] of Object.entries(kinds)) {
        it(`of ${kind} is not longer than it may be, however it is used`, async () => {
            const bridge = await startFixture({
                ...common,
                sessionSeconds: 0.6,
                sessionIdleSeconds: 0.1,
            });
            try {
                const session = await openSession(bridge.url, { capabilities });
                const began = performance.now();
                const stream = await session.listen();
                assert.equal((await session.call("recall")).status, 200);
                await until(async () => (await session.call("recall")).status === 404);
                assert.ok(performance.now() - began > 500);
                assert.equal(await stream.end(), "properly");
                assert.equal((await session.listen()).status, 404);
            } finally {
                await bridge.close();
            }
        });
    }
});

describe("more sessions than there may be", () => {
    it("end the one that was used longest ago", async () => {
        const bridge = await startFixture({ ...common, maxSessions: 2 });
        try {
            const capabilities = { roots: {} };
            const first = await openSession(bridge.url, { capabilities });
            const { pid } = await first.whoami();
            const second = await openSession(bridge.url, { capabilities });
            const { status } = await initialize(bridge.url, { capabilities });
            assert.deepEqual([status, bridge.counts().sessions], [200, 2]);
            assert.equal((await first.call("recall")).status, 404);
            assert.equal((await second.call("recall")).status, 200);
            await until(() => !isAlive(pid));
        } finally {
            await bridge.close();
        }
    });
});
