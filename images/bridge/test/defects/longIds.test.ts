import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { callModern } from "../support/callModern.ts";
import { openSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const server = fileURLToPath(new URL("../fixtures/longIdServer.mjs", import.meta.url));
const long = "1152921504606846977";
const ids = [long, "-9007199254740993", "1e400", "0.12345678901234567891"];
const elicitation = { elicitation: {} };
const prefix = "io.modelcontextprotocol";
const envelope = `"${prefix}/protocolVersion":"2026-07-28","${prefix}/clientCapabilities":{}`;

interface Client {
    /** Isolation that it is to be served under. */
    isolation: "shared" | "session" | "principal" | "request";
    meta: string;
    modern: boolean;
    session?: boolean;
}

/** Every way of a call; one with a level of the log is judged by the SDK, others of its era are not. */
const clients: Record<string, Client> = {
    "up to 2025-11-25": { isolation: "shared", meta: "", modern: false },
    "up to 2025-11-25 in a session": {
        isolation: "session",
        meta: "",
        modern: false,
        session: true,
    },
    "up to 2025-11-25 with a process of its own": {
        isolation: "principal",
        meta: "",
        modern: false,
    },
    "from 2026-07-28 on": { isolation: "shared", meta: envelope, modern: true },
    "from 2026-07-28 on that logs": {
        isolation: "request",
        meta: `${envelope},"${prefix}/logLevel":"info"`,
        modern: true,
    },
};

/** Sends a request as text; gives the answer as text. */
async function send(
    bridge: RunningBridge,
    client: Client,
    {
        id,
        method,
        params = "",
        token,
    }: { id: string; method: string; params?: string; token?: string },
    own: Record<string, string> = {},
): Promise<string> {
    const meta = [client.meta, token === undefined ? "" : `"progressToken":${token}`];
    const _meta = `"_meta":{${meta.filter((part) => part !== "").join(",")}}`;
    const all = [params, _meta].filter((part) => part !== "").join(",");
    const name = /"name":"(\w+)"/.exec(params)?.[1];
    const response = await fetch(bridge.url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            "x-auth-subject": "alice",
            ...(client.modern && { "mcp-protocol-version": "2026-07-28", "mcp-method": method }),
            ...(client.modern && name !== undefined && { "mcp-name": name }),
            ...own,
        },
        body: `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{${all}}}`,
    });
    return await response.text();
}

for (const [era, command] of Object.entries({
    "up to 2025-11-25": remembering,
    "of 2026-07-28": modernOnly,
})) {
    for (const [kind, client] of Object.entries(clients)) {
        describe(`a number that no double holds, of a client ${kind}, for a server ${era}`, () => {
            let bridge: RunningBridge;
            let own: Record<string, string>;
            before(async () => {
                const { isolation } = client;
                bridge = await startFixture({ command, isolation, identity: "headers" });
                await until(() => bridge.child.description !== undefined);
                own =
                    client.session === true
                        ? (await openSession(bridge.url, { subject: "alice" })).headers
                        : {};
            });
            after(() => bridge.close());

            for (const id of ids) {
                it(`comes back as it is: ${id}`, async () => {
                    const requests = [
                        { id, method: client.modern ? "server/discover" : "ping" },
                        { id, method: "tools/list" },
                        { id, method: "no/such" },
                        { id, method: "tools/call", params: '"name":"none","arguments":{}' },
                    ];
                    for (const request of requests) {
                        const text = await send(bridge, client, request, own);
                        assert.ok(text.includes(`"id":${id}`), text);
                        assert.match(text, /"(result|error)":\{/);
                    }
                });
            }

            it("comes back with progress", async () => {
                const params = '"name":"progress","arguments":{"steps":1}';
                const request = { id: "1", method: "tools/call", params, token: long };
                const text = await send(bridge, client, request, own);
                assert.ok(text.includes(`"progressToken":${long}`), text);
            });
        });
    }
}

describe("a call that is named by a number that no double holds", () => {
    it("is cancelled, and not the one whose number is the nearest double", async () => {
        const bridge = await startFixture({ command: remembering });
        try {
            const { headers } = await openSession(bridge.url);
            const sleep = (id: string, ms: number) =>
                send(
                    bridge,
                    clients["up to 2025-11-25"] as Client,
                    { id, method: "tools/call", params: `"name":"sleep","arguments":{"ms":${ms}}` },
                    headers,
                );
            const cancelled = sleep(long, 60_000);
            const other = sleep("1152921504606846976", 1000);
            await until(() => bridge.child.openCalls === 2);
            await fetch(bridge.url, {
                method: "POST",
                headers: {
                    "content-type": "application/json",
                    accept: "application/json",
                    ...headers,
                },
                body: `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${long},"reason":"no"}}`,
            });
            assert.match(await cancelled, /"message":"no"/);
            assert.match(await other, /slept/);
        } finally {
            await bridge.close();
        }
    });
});

describe("a server that asks under a number that no double holds", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: [process.execPath, server] });
    });
    after(() => bridge.close());

    it("has it back with the answer of a session's client", async () => {
        const session = await openSession(bridge.url, { capabilities: elicitation });
        const stream = await session.stream("ask");
        const { id } = await stream.find(({ method }) => method === "elicitation/create");
        await session.answer(id, { action: "decline" });
        const { result } = await stream.find((message) => message.result !== undefined);
        assert.ok(result.content[0].text.includes(`"id":${long}`), result.content[0].text);
        stream.cut();
    });

    it("may take its question back", async () => {
        const session = await openSession(bridge.url, { capabilities: elicitation });
        const stream = await session.stream("ask", { withdraw: true });
        const { id } = await stream.find(({ method }) => method === "elicitation/create");
        const { params } = await stream.find(({ method }) => method === "notifications/cancelled");
        assert.equal(params.requestId, id);
        stream.cut();
    });

    it("has it back with the input of a client from 2026-07-28 on", async () => {
        const capabilities = elicitation;
        const { last } = await callModern(bridge.url, "ask", {}, { capabilities });
        const { inputRequests, requestState } = last.result;
        assert.deepEqual(Object.keys(inputRequests), [long]);
        const inputResponses = { [long]: { action: "decline" } };
        const retry = { capabilities, inputResponses, requestState };
        const answered = await callModern(bridge.url, "ask", {}, retry);
        const { text } = answered.last.result.content[0];
        assert.ok(text.includes(`"id":${long}`), text);
    });

    it("has it back when no client can be asked", async () => {
        const session = await openSession(bridge.url);
        const text = await session.tell("ask");
        assert.ok(text.includes(`"id":${long}`), text);
    });
});
