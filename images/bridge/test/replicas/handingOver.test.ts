import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { Signer } from "../../src/auth/signedText.ts";
import { openSession } from "../support/rawSession.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { sharedKey, startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [opening, other, stranger] = ["127.0.0.2", "127.0.0.3", "127.0.0.9"] as const;
const asked = { roots: {} };

/** Listens where no replica is, and counts who comes. */
async function lieInWait(port: number): Promise<Server & { visits: number }> {
    const server = Object.assign(createServer(), { visits: 0 });
    server.on("connection", (socket) => {
        server.visits++;
        socket.end();
    });
    await new Promise<void>((resolve) => server.listen(port, stranger, resolve));
    return server;
}

describe("a request that another replica must answer", () => {
    let replicas: Replicas;
    let a: RunningBridge;
    let b: RunningBridge;
    before(async () => {
        replicas = await startReplicas([opening, other], {}, { keepAliveInterval: 50 });
        a = replicas.at[opening] as RunningBridge;
        b = replicas.at[other] as RunningBridge;
    });
    after(() => replicas.close());

    it("is not answered by this one as well, however long it takes", async () => {
        const session = await openSession(a.url, { capabilities: asked });
        const elsewhere = session.as({ url: b.url });
        const stream = await elsewhere.listen();
        const { pid } = await elsewhere.whoami();
        const call = await elsewhere.call("sleep", { ms: 400 });
        assert.equal(call.last.result.content[0].text, "slept");
        assert.equal((await elsewhere.whoami()).pid, pid);
        assert.equal(stream.ended, undefined);
        stream.cut();
        await until(() => a.counts().streams + b.counts().streams === 0);
    });

    it("is given up there when its client goes", async () => {
        const session = await openSession(a.url, { capabilities: asked });
        const stream = await session.as({ url: b.url }).listen();
        assert.deepEqual([a.counts().streams, b.counts().streams], [1, 1]);
        stream.cut();
        await until(() => a.counts().streams + b.counts().streams === 0);
    });

    it("goes nowhere but to a replica, though an id with the right key names another address", async () => {
        const server = await lieInWait(replicas.port);
        const signer = new Signer(sharedKey, "session");
        const genuine = await openSession(a.url, { capabilities: asked });
        const [, bound, openedAt, principal, random] = signer.open(genuine.id) as unknown[];
        try {
            for (const address of [stranger, "metadata.internal", "127.0.0.2:1", "", null]) {
                const id = signer.sign([address, bound, openedAt, principal, random]);
                const headers = { ...genuine.headers, "mcp-session-id": id };
                for (const method of ["DELETE", "GET"]) {
                    const { status } = await fetch(b.url, { method, headers });
                    assert.equal(status, 404, `${method} ${String(address)}`);
                }
            }
            // An event's id is not signed; it may name a replica, and nothing else.
            const plain = await openSession(b.url);
            const { status } = await plain.listen(`7-1-${stranger}`);
            assert.equal(status, 400);
            assert.equal(server.visits, 0);
        } finally {
            server.close();
        }
    });

    it("is not passed on a second time", async () => {
        const session = await openSession(a.url, { capabilities: asked });
        const headers = { ...session.headers, "x-slipway-replica": stranger };
        const { status } = await fetch(b.url, { method: "DELETE", headers });
        assert.equal(status, 404);
        assert.equal((await session.call("recall")).status, 200);
        const plain = await openSession(a.url);
        const listening = { ...plain.headers, "x-slipway-replica": opening };
        const stream = await fetch(b.url, { headers: listening });
        assert.deepEqual([stream.status, b.counts().streams, a.counts().streams], [200, 1, 0]);
        await stream.body?.cancel();
    });

    it("is refused for want of a replica that is listed", async () => {
        const alone = await startReplicas([opening, other], { peers: [other] });
        try {
            const [at, beside] = [alone.at[opening], alone.at[other]];
            const session = await openSession(at?.url ?? "", { capabilities: asked });
            const { status } = await session.as({ url: beside?.url ?? "" }).call("recall");
            assert.equal(status, 404);
        } finally {
            await alone.close();
        }
    });

    it("is refused when it was signed with another key", async () => {
        const keys = { [other]: Buffer.alloc(32, 2) };
        const apart = await startReplicas([opening, other], { keys });
        try {
            const [at, beside] = [apart.at[opening], apart.at[other]];
            for (const capabilities of [asked, {}]) {
                const session = await openSession(at?.url ?? "", { capabilities });
                const { status } = await session.as({ url: beside?.url ?? "" }).call("recall");
                assert.equal(status, 404);
            }
        } finally {
            await apart.close();
        }
    });
});

describe("a replica that ends", () => {
    it("ends the streams it only passes on, and takes no new ones, without waiting for either", async () => {
        const replicas = await startReplicas(
            [opening, other],
            { graceSeconds: 20 },
            // Longer than a busy machine takes between two requests here.
            { quietTime: 1000 },
        );
        const [a, b] = [replicas.at[opening] as RunningBridge, replicas.at[other] as RunningBridge];
        try {
            const session = await openSession(a.url, { capabilities: asked });
            const elsewhere = session.as({ url: b.url });
            const stream = await elsewhere.listen();
            const began = performance.now();
            const closing = b.close();
            assert.equal(await stream.end(), "properly");
            assert.equal((await elsewhere.listen()).status, 503);
            assert.equal((await elsewhere.call("recall")).status, 200);
            await closing;
            assert.ok(performance.now() - began < 10_000);
            assert.equal((await session.call("recall")).status, 200);
            await until(() => a.counts().streams === 0);
        } finally {
            await replicas.close();
        }
    });
});
