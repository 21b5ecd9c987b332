import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { Signer } from "../../src/auth/signedText.ts";
import { openSession, RawSession } from "../support/rawSession.ts";
import { sharedKey, startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [opening, owner] = ["127.0.0.2", "127.0.0.3"] as const;

describe("a connection to another replica", () => {
    let replicas: Replicas;
    /** Stands for the other replica; like one, it closes no connection by itself within a minute. */
    let server: Server;
    let session: RawSession;
    /** Of each connection, how many requests it brought. */
    let requests: Map<Socket, number>;
    let breakAt: number;
    /** How long it takes to answer, in milliseconds. */
    let answerTime: number;

    beforeEach(async () => {
        replicas = await startReplicas(
            [opening],
            { peers: [opening, owner] },
            { replicaIdleTime: 300 },
        );
        const { url } = replicas.at[opening] ?? assert.fail();
        requests = new Map();
        breakAt = Infinity;
        answerTime = 0;
        server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
            const count = (requests.get(request.socket) ?? 0) + 1;
            requests.set(request.socket, count);
            if (count === breakAt) {
                request.socket.resetAndDestroy();
            } else {
                const answer = JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} });
                setTimeout(() => response.end(answer), answerTime);
            }
        });
        await new Promise<void>((resolve) => server.listen(replicas.port, owner, resolve));
        const genuine = await openSession(url);
        const signer = new Signer(sharedKey, "session");
        const [, , openedAt, principal] = signer.open(genuine.id) as unknown[];
        const id = signer.sign([owner, 1, openedAt, principal, "random"]);
        session = new RawSession(url, {}, id, undefined);
    });

    afterEach(async () => {
        await replicas.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    const counts = () => [...requests.values()];

    it("is used again, but closed long before the other side might do so while a call is on its way", async () => {
        for (let call = 0; call < 3; call++) {
            assert.equal((await session.call("x")).status, 200);
        }
        assert.deepEqual(counts(), [3]);
        const [first] = requests.keys();
        await until(() => first?.destroyed === true);
        assert.equal((await session.call("x")).status, 200);
        assert.deepEqual(counts(), [3, 1]);
    });

    it("is not unused while it waits for an answer", async () => {
        answerTime = 900;
        assert.equal((await session.call("x")).status, 200);
        assert.equal((await session.call("x")).status, 200);
        assert.deepEqual(counts(), [2]);
    });

    it("that breaks under a call loses it, and never has it made twice", async () => {
        assert.equal((await session.call("x")).status, 200);
        breakAt = 2;
        assert.equal((await session.call("x")).status, 404);
        assert.deepEqual(counts(), [2]);
    });
});
