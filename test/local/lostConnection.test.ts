import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";

import { isConnectionLost, retryLost } from "../../local/lostConnection.ts";

/** The error that an action rejects with. */
async function failureOf(action: Promise<unknown>): Promise<unknown> {
    return action.then(
        () => assert.fail("it did not fail"),
        (error: unknown) => error,
    );
}

describe("isConnectionLost", () => {
    it("holds for a port without a listener, and for a server that ends during a response", async () => {
        const server = createTcpServer((socket) => socket.once("data", () => socket.destroy()));
        await once(server.listen(0, "127.0.0.1"), "listening");
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        assert.ok(isConnectionLost(await failureOf(fetch(url))));
        server.close();
        await once(server, "close");
        assert.ok(isConnectionLost(await failureOf(fetch(url))));
    });

    it("does not hold for an unknown host name, or for a timeout", async () => {
        const server = createServer(() => undefined);
        await once(server.listen(0, "127.0.0.1"), "listening");
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        const late = failureOf(fetch(url, { signal: AbortSignal.timeout(50) }));
        assert.ok(!isConnectionLost(await late));
        server.closeAllConnections();
        server.close();
        assert.ok(!isConnectionLost(await failureOf(fetch("http://no-such-name.invalid/"))));
    });

    const texts = {
        "The connection to the server 10.203.0.2:6443 was refused - did you specify it?": true,
        'Get "http://localhost:30500/v2/": dial tcp 127.0.0.1:30500: connect: connection refused': true,
        "error during connect: Post http://docker/build: EOF": true,
        "Error from server: etcdserver: leader changed": true,
        "Cannot connect to the Docker daemon at unix:///run/docker.sock.": true,
        aborted: true,
        "The command '/bin/sh -c pip install' returned a non-zero code: 1": false,
        "dial tcp: lookup registry.test: no such host": false,
        "x509: certificate signed by unknown authority": false,
    };
    for (const [text, expected] of Object.entries(texts)) {
        it(`${expected ? "holds" : "does not hold"} for '${text}'`, () => {
            assert.equal(isConnectionLost(new Error(text)), expected);
            const cause = new Error(text);
            assert.equal(isConnectionLost(new Error("push failed", { cause })), expected);
        });
    }
});

describe("retryLost", () => {
    const refused = () => Object.assign(new Error("no"), { code: "ECONNREFUSED" });

    it("retries the work until it succeeds, and reports each reason", async () => {
        let tries = 0;
        const told: string[] = [];
        const work = () => {
            tries += 1;
            return tries < 3 ? Promise.reject(refused()) : Promise.resolve("done");
        };
        const onRetry = ({ message }: Error) => void told.push(message);
        assert.equal(await retryLost(work, { seconds: 10, onRetry }), "done");
        assert.deepEqual(told, ["no", "no"]);
    });

    it("throws the last failure when its time is over", async () => {
        const error = await failureOf(retryLost(() => Promise.reject(refused()), { seconds: 0.5 }));
        assert.equal((error as Error).message, "no");
    });

    it("does not retry other failures, or after a cancellation", async () => {
        let tries = 0;
        const fail = (error: Error) => () => {
            tries += 1;
            return Promise.reject(error);
        };
        await failureOf(retryLost(fail(new Error("wrong")), { seconds: 10 }));
        assert.equal(tries, 1);
        const signal = AbortSignal.timeout(100);
        const started = Date.now();
        await failureOf(retryLost(fail(refused()), { seconds: 60, signal }));
        assert.ok(Date.now() - started < 5000);
    });
});
