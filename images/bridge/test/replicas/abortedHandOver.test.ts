import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Signer } from "../../src/auth/signedText.ts";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { callTool, post } from "../support/post.ts";
import { openSession } from "../support/rawSession.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { sharedKey, startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [here, owner, gone] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"] as const;

describe("a client that goes while its request is handed over", () => {
    let replicas: Replicas;
    let bridge: RunningBridge;
    /** Stands for the owner; answers when `answer` is called. */
    let server: Server;
    let answers: (() => void)[];
    /** Ids of sessions of other replicas. */
    let idOf: (address: string, bound?: number) => string;

    before(async () => {
        replicas = await startReplicas([here], { peers: [here, owner, gone], maxInFlight: 5 });
        bridge = replicas.at[here] as RunningBridge;
        const signer = new Signer(sharedKey, "session");
        const [, , openedAt, principal] = signer.open(
            (await openSession(bridge.url)).id,
        ) as unknown[];
        let last = 0;
        idOf = (address, bound = 1) => signer.sign([address, bound, openedAt, principal, ++last]);
        answers = [];
        server = createServer((incoming, response) => {
            incoming.resume();
            answers.push(() => {
                const type = incoming.method === "GET" ? "text/event-stream" : "application/json";
                response.writeHead(200, { "content-type": type });
                response.end("{}");
            });
        });
        await new Promise<void>((resolve) => server.listen(replicas.port, owner, resolve));
    });
    after(async () => {
        await replicas.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    /** Where a request goes, and who has to be asked. */
    const owners: Record<string, string> = {
        "to an owner that does not answer yet": owner,
        "to an owner that is gone": gone,
    };
    for (const [where, address] of Object.entries(owners)) {
        for (const method of ["GET", "POST", "DELETE"]) {
            for (const [session, bound] of [
                ["bound", 1],
                ["shared", 0],
            ] as const) {
                it(`leaves nothing behind: ${method} of a ${session} session, ${where}`, async () => {
                    const headers: Record<string, string> = {
                        host: "localhost",
                        accept: "application/json, text/event-stream",
                        "mcp-session-id": idOf(address, bound),
                        ...(method === "POST" && { "content-type": "application/json" }),
                    };
                    const body = JSON.stringify(callTool("sleep", { ms: 50 }));
                    // Gone as soon as it has come, and gone once the owner was asked.
                    for (const moment of [0, 30]) {
                        const outgoing = request(bridge.url, { method, headers, agent: false });
                        outgoing.on("error", () => undefined);
                        outgoing.end(method === "POST" ? body : undefined);
                        await once(outgoing, "finish");
                        await delay(moment);
                        outgoing.destroy();
                        await delay(50);
                        answers.splice(0).forEach((give) => give());
                    }
                    // What an answer that comes too late, or a connection that cannot be had, would change.
                    await delay(100);
                    const { inFlight, streams } = bridge.counts();
                    assert.deepEqual({ inFlight, streams }, { inFlight: 0, streams: 0 });
                });
            }
        }
    }

    it("leaves nothing behind in the middle of its body", async () => {
        for (const address of [owner, gone]) {
            const { socket } = await openConnection(bridge.url);
            const headers = { "mcp-session-id": idOf(address) };
            socket.write(writePost(callTool("sleep"), { headers, length: 2_000_000 }));
            await delay(30);
            socket.destroy();
        }
        await delay(50);
        answers.splice(0).forEach((give) => give());
        await until(() => bridge.counts().inFlight === 0);
        assert.equal((await post(bridge.url, callTool("whoami"))).status, 200);
    });

    it("does not make room for more calls than may be", async () => {
        const calls = Array.from({ length: 9 }, () =>
            post(bridge.url, callTool("sleep", { ms: 300 })),
        );
        const statuses = (await Promise.all(calls)).map(({ status }) => status);
        assert.equal(statuses.filter((status) => status === 200).length, 5);
    });

    for (const [where, address] of [
        ["that is listed but gone", gone],
        ["that is not listed any more", "127.0.0.9"],
    ] as const) {
        for (const length of [100, 3_000_000]) {
            it(`is served on its connection after a 404 for ${length} bytes to an owner ${where}`, async () => {
                const connection = await openConnection(bridge.url);
                const headers = { "mcp-session-id": idOf(address) };
                const padded = callTool("echo", { value: "x".repeat(length) });
                connection.socket.write(writePost(padded, { headers }));
                await until(() => readAnswers(connection.text()).length === 1);
                assert.equal(readAnswers(connection.text())[0]?.status, 404);
                connection.socket.write(writePost(callTool("whoami")));
                await until(() => readAnswers(connection.text()).length === 2);
                assert.equal(readAnswers(connection.text())[1]?.status, 200);
                connection.socket.destroy();
                await until(() => bridge.counts().inFlight === 0);
            });
        }
    }
});
