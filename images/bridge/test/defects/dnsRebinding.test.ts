import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { buildOptions, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const evil = "evil.example.org";
const call = callTool("detach");
const callBody = '{"tool_name":"pid","tool_args":{}}';

describe("a web page that reaches the endpoint by a name of its own", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
        await until(() => bridge.child.description !== undefined);
    });
    after(() => bridge.close());

    /** Sends text on a connection of its own; gives the statuses that come back. */
    async function send(text: string): Promise<number[]> {
        const { socket, text: received, ended } = await openConnection(bridge.url);
        socket.end(text);
        await ended;
        return readAnswers(received()).map(({ status }) => status);
    }

    const head = (method: string, path: string, headers: string[], body = "") =>
        [
            `${method} ${path} HTTP/1.1`,
            ...headers,
            "content-type: application/json",
            "accept: application/json, text/event-stream",
            `content-length: ${body.length}`,
            "connection: close",
            "",
            body,
        ].join("\r\n");

    const requests: Record<string, [method: string, path: string, body?: string]> = {
        "a call": ["POST", "/mcp", JSON.stringify(call)],
        "a stream": ["GET", "/mcp"],
        "the end of a session": ["DELETE", "/mcp"],
        "a tool by REST": ["POST", "/call", callBody],
        "a tool by its name": ["POST", "/tools/pid", "{}"],
        "the list of tools": ["GET", "/tools"],
    };
    for (const [what, [method, path, body]] of Object.entries(requests)) {
        it(`is refused ${what} by its Host, whatever else it says`, async () => {
            const headers = [
                `mcp-session-id: ${(await enterSession(bridge.url))["mcp-session-id"]}`,
                "origin: http://localhost",
                "x-forwarded-host: localhost",
            ];
            for (const host of [
                evil,
                `${evil}:80`,
                "localhost.evil.org",
                `127.0.0.1.${evil}`,
                "",
            ]) {
                const text = head(method, path, [`host: ${host}`, ...headers], body);
                assert.deepEqual(await send(text), [403], host);
            }
        });

        it(`is refused ${what} by its Origin, though it uses an address`, async () => {
            for (const origin of [
                `http://${evil}`,
                "null",
                "file://",
                "http://localhost.evil.org",
            ]) {
                const text = head(method, path, ["host: 127.0.0.1", `origin: ${origin}`], body);
                assert.deepEqual(await send(text), [403], origin);
            }
        });
    }

    it("is refused what it sends without a Host, or with two", async () => {
        const body = JSON.stringify(call);
        assert.equal((await send(head("POST", "/mcp", [], body)))[0], 400);
        const two = ["host: localhost", `host: ${evil}`];
        const [first = 403] = await send(head("POST", "/mcp", two.toReversed(), body));
        assert.equal(first, 403);
        const absolute = head("POST", `http://${evil}/mcp`, [`host: ${evil}`], body);
        assert.notEqual((await send(absolute))[0], 200);
    });

    it("brought nothing to the server", async () => {
        const received = JSON.parse(textOf(await post(bridge.url, callTool("received"))));
        assert.deepEqual(received, [{ method: "notifications/initialized", params: {} }]);
        assert.equal(bridge.counts().calls, 0);
        assert.equal(
            bridge.log.filter(({ name }) => name === "detach" || name === "pid").length,
            0,
        );
    });

    it("is granted nothing by CORS, asked or not", async () => {
        const { socket, text } = await openConnection(bridge.url);
        socket.write(
            writePost(callTool("echo", { value: "x" }), {
                headers: { origin: "http://localhost" },
            }),
        );
        await until(() => readAnswers(text()).length === 1);
        assert.doesNotMatch(text(), /access-control/i);
        socket.destroy();
        const preflight = await fetch(bridge.url, {
            method: "OPTIONS",
            headers: { origin: `http://${evil}`, "access-control-request-method": "POST" },
        });
        assert.equal(preflight.ok, false);
        assert.equal(preflight.headers.get("access-control-allow-origin"), null);
    });
});

describe("the address that a bridge listens at", () => {
    it("is one that only this machine reaches, unless it is told otherwise", async () => {
        assert.equal(buildOptions().host, "127.0.0.1");
        const bridge = await startUnruly();
        try {
            await until(() => bridge.child.description !== undefined);
            const others = Object.values(networkInterfaces())
                .flatMap((found) => found ?? [])
                .filter(({ internal, family }) => !internal && family === "IPv4");
            const reach = (address: string) =>
                new Promise<boolean>((resolve) => {
                    const socket = connect(bridge.port, address);
                    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
                    socket.once("connect", () => socket.destroy());
                });
            assert.equal(await reach("127.0.0.1"), true);
            for (const { address } of others) {
                assert.equal(await reach(address), false, address);
            }
        } finally {
            await bridge.close();
        }
    });
});
