import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Signer } from "../../src/auth/signedText.ts";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";

const key = randomBytes(32);
const signer = new Signer(key, "session");
const digest = (text: string, length: number) =>
    createHash("sha256").update(text).digest("base64url").slice(0, length);
const nobody = digest("", 16);
const hour = 3_600_000;
/** Addresses of this machine: the bridge's own, another replica's, and one that is none of theirs. */
const [own, peer, stranger] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

const sessionOf = (address: unknown, bound: unknown, openedAt = Date.now(), principal = nobody) =>
    signer.sign([address, bound, openedAt, principal, "random"]);
const ping = callTool("pid");

describe("a session id that no replica gave", () => {
    let bridge: RunningBridge;
    const connections: string[] = [];
    const listeners: Server[] = [];
    before(async () => {
        const keyFile = join(mkdtempSync(join(tmpdir(), "slipway-key-")), "key");
        writeFileSync(keyFile, key);
        bridge = await startUnruly({ address: own, peers: [own, peer], keyFile });
        for (const address of [peer, stranger]) {
            const listener = createServer((socket) => {
                connections.push(address);
                socket.destroy();
            });
            await new Promise<void>((listening) =>
                listener.listen(bridge.port, address, listening),
            );
            listeners.push(listener);
        }
    });
    beforeEach(() => void connections.splice(0));
    after(async () => {
        listeners.forEach((listener) => listener.close());
        await bridge.close();
    });

    /** Uses an id in each way there is; gives the statuses. */
    async function use(id: string, headers = {}): Promise<number[]> {
        const all = { "mcp-session-id": id, ...headers };
        const posted = await post(bridge.url, ping, { headers: all });
        const got = await fetch(bridge.url, { headers: { ...all, accept: "text/event-stream" } });
        const deleted = await fetch(bridge.url, { method: "DELETE", headers: all });
        await Promise.all([got.body?.cancel(), deleted.body?.cancel()]);
        return [posted.status, got.status, deleted.status];
    }

    const forged: Record<string, () => string> = {
        "is random": () => randomBytes(64).toString("base64url"),
        "is a UUID": () => crypto.randomUUID(),
        "is made of dots": () => "...",
        "is JSON": () => JSON.stringify([peer, 1, Date.now(), nobody, "x"]),
        "is not signed": () => `${sessionOf(peer, 1).split(".")[0]}.`,
        "is signed with another key": () =>
            new Signer(randomBytes(32), "session").sign([peer, 1, Date.now(), nobody, "x"]),
        "is signed for another purpose": () =>
            new Signer(key, "requestState").sign([peer, 1, Date.now(), nobody, "x"]),
        "has the signature of another one": () =>
            `${sessionOf(peer, 1).split(".")[0]}.${sessionOf(own, 1).split(".")[1]}`,
        "is signed twice": () => `${sessionOf(peer, 1)}.${sessionOf(peer, 1).split(".")[1]}`,
        "is of another caller": () => sessionOf(peer, 1, Date.now(), digest('["bob",""]', 16)),
        "is too old": () => sessionOf(peer, 1, Date.now() - 25 * hour),
        "holds something else": () => signer.sign({ address: peer }),
        "names an address that is no replica": () => sessionOf(stranger, 1),
        "names an address that is no replica, and nothing there": () => sessionOf("127.0.0.4", 1),
        "names a name": () => sessionOf("localhost", 1),
        "names an address with a port": () => sessionOf(`${stranger}:${bridge.port}`, 1),
        "names a URL": () => sessionOf(`http://${stranger}`, 1),
        "names nothing": () => sessionOf("", 1),
        "names a number": () => sessionOf(2_130_706_435, 1),
    };
    for (const [what, forge] of Object.entries(forged)) {
        it(`is unknown and leads to no connection when it ${what}`, async () => {
            assert.deepEqual(await use(forge()), [404, 404, 404]);
            assert.deepEqual(connections, []);
        });
    }

    it("is unknown when a single character of a good one is another", async () => {
        const good = sessionOf(peer, 1);
        for (let at = 0; at < good.length; at++) {
            const code = good.charCodeAt(at);
            for (const other of [code ^ 1, code ^ 2]) {
                const changed = good.slice(0, at) + String.fromCharCode(other) + good.slice(at + 1);
                if (/^[\x21-\x7e]+$/.test(changed)) {
                    const headers = { "mcp-session-id": changed };
                    assert.equal((await post(bridge.url, ping, { headers })).status, 404, changed);
                }
            }
        }
        assert.deepEqual(connections, []);
    });

    it("would be seen by this test: a good one is brought to the replica that it names", async () => {
        const { status } = await post(bridge.url, ping, {
            headers: { "mcp-session-id": sessionOf(peer, 1) },
        });
        assert.equal(status, 404);
        assert.deepEqual(connections, [peer]);
    });

    it("is not passed on again when it was passed on, whoever says so", async () => {
        const statuses = await use(sessionOf(peer, 1), { "x-slipway-replica": peer });
        assert.deepEqual(statuses, [404, 404, 404]);
        assert.deepEqual(connections, []);
    });

    it("does not come to life again after its end, however it is written", async () => {
        const headers = await enterSession(bridge.url);
        const id = headers["mcp-session-id"];
        await fetch(bridge.url, { method: "DELETE", headers });
        for (const again of [id, ` ${id}`, `${id} `, `${id}=`]) {
            const answer = await post(bridge.url, ping, { headers: { "mcp-session-id": again } });
            assert.equal(answer.status, 404);
        }
    });

    it("is nothing to a client of 2026-07-28", async () => {
        const { status } = await postModern(
            bridge.url,
            "tools/call",
            { name: "pid" },
            { headers: { "mcp-session-id": sessionOf(stranger, 1) } },
        );
        assert.equal(status, 200);
        assert.deepEqual(connections, []);
    });
});

describe("a requestState that no replica gave", () => {
    it("leads to no connection, wherever it says that it is from", async () => {
        const connections: string[] = [];
        const keyFile = join(mkdtempSync(join(tmpdir(), "slipway-key-")), "key");
        writeFileSync(keyFile, key);
        const bridge = await startUnruly({ address: own, peers: [own, peer], keyFile });
        const listeners = [peer, stranger].map((address) => {
            const listener = createServer((socket) => {
                connections.push(address);
                socket.destroy();
            });
            return listener.listen(bridge.port, address);
        });
        const states = new Signer(key, "requestState");
        const asked = JSON.stringify(["", "tools/call", { name: "pid" }]);
        const content = (
            address: string,
            bound = digest(asked, 22),
            expiresAt = Date.now() + hour,
        ) => [address, "nonce", expiresAt, bound, null];
        const send = async (requestState: unknown) =>
            await postModern(bridge.url, "tools/call", {
                name: "pid",
                requestState,
            });
        try {
            for (const state of [
                "x",
                "",
                7,
                {},
                states.sign(content(stranger)),
                states.sign(content(peer, "of another request")),
                states.sign(content(peer, undefined, Date.now() - 1)),
                new Signer(randomBytes(32), "requestState").sign(content(peer)),
                signer.sign(content(peer)),
            ]) {
                const { last } = await send(state);
                assert.equal(last.error.code, -32602, JSON.stringify(state));
            }
            assert.deepEqual(connections, []);
            // A good one would have been brought there.
            await send(states.sign(content(peer)));
            assert.deepEqual(connections, [peer]);
        } finally {
            listeners.forEach((listener) => listener.close());
            await bridge.close();
        }
    });
});
