import assert from "node:assert/strict";
import { request } from "node:http";
import fc from "fast-check";
import type { CallResult } from "../../src/rest/callAnswer.ts";
import type { Tool } from "../../src/processes/toolCatalog.ts";
import { buildToolPath } from "../../src/rest/toolPath.ts";
import {
    caller,
    postRest,
    readRest,
    startRest,
    type ArrivedCall,
    type RunningRest,
} from "../support/startRest.ts";
import { until } from "../support/until.ts";

const add = {
    name: "add",
    inputSchema: { type: "object", required: ["a"], properties: { a: { type: "number" } } },
    outputSchema: { type: "object", properties: { sum: { type: "number" } } },
};
const plain = { name: "plain", inputSchema: { type: "object" } };
const tools = [add, plain, { ...plain, name: "hidden" }, { ...plain, name: "a/b c" }];
const content = [{ type: "text", text: "3" }];
const structuredContent = { sum: 3 };

describe("a tool called by REST", () => {
    let rest: RunningRest;
    let answer: (call: ArrivedCall) => CallResult | Promise<CallResult>;
    before(async () => {
        const offers = (name: string): boolean => name !== "hidden";
        rest = await startRest({ tools, offers, answer: (call) => answer(call) });
    });
    after(() => rest.close());
    beforeEach(() => {
        answer = () => ({ result: { content, structuredContent, resultType: "complete" } });
        rest.calls.length = 0;
    });

    const call = (tool: string, args: unknown) => postRest(`${rest.url}/tools/${tool}`, args);
    const callByName = (body: unknown) => postRest(`${rest.url}/call`, body);

    it("gets its caller and arguments, and answers with its value", async () => {
        const { status, body, headers } = await call("add", { a: 1, nested: { b: [null] } });
        assert.deepEqual([status, body], [200, structuredContent]);
        assert.equal(headers.get("cache-control"), "no-store");
        const [{ caller: by, name, args } = assert.fail()] = rest.calls;
        assert.deepEqual([by, name, args], [caller, "add", { a: 1, nested: { b: [null] } }]);
    });

    it("answers with its content when it declares no value", async () => {
        assert.deepEqual((await call("plain", {})).body, { content, structuredContent });
        answer = () => ({ result: { content } });
        assert.deepEqual((await call("plain", {})).body, { content });
    });

    it("needs no body when it needs no arguments", async () => {
        const response = await fetch(`${rest.url}/tools/plain`, { method: "POST" });
        assert.equal(response.status, 200);
        assert.deepEqual(rest.calls[0]?.args, {});
    });

    it("is called by /call, too, with MCP's result as it is", async () => {
        const { status, body } = await callByName({ tool_name: "add", tool_args: { a: 1 } });
        assert.deepEqual([status, body], [200, { result: { content, structuredContent } }]);
        assert.deepEqual(rest.calls[0]?.args, { a: 1 });
        await callByName({ tool_name: "add" });
        assert.deepEqual(rest.calls[1]?.args, {});
    });

    it("is found by a path with its slashes as they are or encoded, and with a query", async () => {
        for (const path of ["a/b%20c", "a%2Fb%20c", "a%2fb%20c?x=1"]) {
            assert.equal((await call(path, {})).status, 200, path);
            assert.equal(rest.calls.at(-1)?.name, "a/b c");
        }
    });

    it("that failed is an error by its own path, and a result by /call", async () => {
        const result = { content: [{ type: "image" }, ...content], isError: true };
        answer = () => ({ result });
        const { status, body } = await call("add", {});
        const error = { status: 500, code: "tool_error", message: "3" };
        assert.equal(status, 500);
        assert.deepEqual(body, { error: { ...error, details: { content: result.content } } });
        const byName = await callByName({ tool_name: "add" });
        assert.deepEqual([byName.status, byName.body], [200, { result }]);
    });

    const outcomes: [string, CallResult, number, string, RegExp][] = [
        [
            "arguments the server refuses",
            { error: { code: -32602, message: "a: must be a number", data: { path: "a" } } },
            422,
            "invalid_arguments",
            /^a: must be a number$/,
        ],
        [
            "an error of the server",
            { error: { code: -32603, message: "broken" } },
            500,
            "server_error",
            /^broken$/,
        ],
        ["no server to take it", { unavailable: "full" }, 503, "unavailable", /^full$/],
        ["a call that takes too long", { timeout: "30 s" }, 504, "timeout", /^30 s$/],
        [
            "a caller who is not known",
            { refused: { status: 401, message: "token" } },
            401,
            "unauthorized",
            /^token$/,
        ],
        [
            "a caller who may not",
            { refused: { status: 403, message: "scope" } },
            403,
            "forbidden",
            /^scope$/,
        ],
        [
            "a tool that is gone",
            { refused: { status: 404, message: "gone" } },
            404,
            "not_found",
            /^gone$/,
        ],
        [
            "arguments a rule refuses",
            { refused: { status: 422, message: "schema" } },
            422,
            "invalid_arguments",
            /^schema$/,
        ],
        [
            "a tool that asks its caller something",
            { result: { resultType: "input_required", inputRequests: {} } },
            500,
            "input_required",
            /only MCP can carry/,
        ],
    ];
    for (const [what, outcome, status, code, message] of outcomes) {
        it(`answers ${status} ${code} for ${what}, either way`, async () => {
            answer = () => outcome;
            const answers = [await call("add", {}), await callByName({ tool_name: "add" })];
            for (const { status: got, body } of answers) {
                assert.deepEqual([got, body.error.status, body.error.code], [status, status, code]);
                assert.match(body.error.message, message);
            }
        });
    }

    it("passes on what the server said of an error, and the headers of a refusal", async () => {
        answer = () => ({ error: { code: -32602, message: "m", data: [1] } });
        assert.deepEqual((await call("add", {})).body.error.details, { code: -32602, data: [1] });
        const headers = { "www-authenticate": "Bearer scope=x" };
        answer = () => ({ refused: { status: 403, message: "m", headers } });
        assert.equal((await call("add", {})).headers.get("www-authenticate"), "Bearer scope=x");
    });

    it("says when to try again", async () => {
        answer = () => ({ unavailable: "full" });
        assert.equal((await call("add", {})).headers.get("retry-after"), "1");
        answer = () => ({ unavailable: "full", retryAfterSeconds: 7 });
        assert.equal((await call("add", {})).headers.get("retry-after"), "7");
    });

    it("that breaks the promise of a value is an error by its path only", async () => {
        answer = () => ({ result: { content } });
        const { status, body } = await call("add", {});
        assert.deepEqual([status, body.error.code], [500, "server_error"]);
        assert.match(body.error.message, /'add' declares an output schema/);
        assert.equal((await callByName({ tool_name: "add" })).status, 200);
    });

    it("is 404 when there is none of its name, or none for the caller", async () => {
        for (const name of ["nope", "hidden", "", "add/", "__proto__"]) {
            const answers = [await call(name, {}), await callByName({ tool_name: name })];
            for (const { status, body } of answers) {
                assert.deepEqual([status, body.error.code], [404, "not_found"], name);
            }
        }
        assert.equal(rest.calls.length, 0);
    });

    const json = { "content-type": "application/json" };
    const refusals: [string, string, string | Buffer, Record<string, string>, number, RegExp][] = [
        ["what is not JSON", "/call", "{", json, 400, /must be JSON/],
        ["what is not UTF-8", "/tools/add", Buffer.from([0x22, 0xff, 0x22]), json, 400, /UTF-8/],
        ["an array", "/tools/add", "[]", json, 400, /must be a JSON object/],
        ["null", "/call", "null", json, 400, /must be a JSON object/],
        ["no tool", "/call", "{}", json, 400, /^tool_name: must be a string/],
        ["nothing", "/call", "", json, 400, /^tool_name: must be a string/],
        ["a tool that is no text", "/call", '{"tool_name":1}', json, 400, /^tool_name/],
        [
            "a list as arguments",
            "/call",
            '{"tool_name":"add","tool_args":[]}',
            json,
            400,
            /^tool_args/,
        ],
        ["a path that is no encoding", "/tools/%E0%A4%A", "{}", json, 400, /percent-encoded/],
        [
            "a form",
            "/call",
            "a=1",
            { "content-type": "application/x-www-form-urlencoded" },
            415,
            /json/,
        ],
        ["a text", "/tools/add", "{}", { "content-type": "text/plain" }, 415, /got 'text\/plain'/],
        ["too much", "/tools/add", " ".repeat(10_001), json, 413, /10000 bytes/],
    ];
    for (const [what, path, sent, headers, status, message] of refusals) {
        it(`refuses ${what} with ${status} and calls nothing`, async () => {
            const { status: got, body } = await postRest(rest.url + path, sent, headers);
            assert.deepEqual([got, body.error.status], [status, status]);
            assert.match(body.error.message, message);
            assert.equal(rest.calls.length, 0);
        });
    }

    it("ends the connection of a body it does not read to its end", async () => {
        const { headers } = await postRest(`${rest.url}/call`, " ".repeat(10_001));
        assert.equal(headers.get("connection"), "close");
    });

    for (const type of [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/x+json",
    ]) {
        it(`takes '${type}' for JSON`, async () => {
            const headers = { "content-type": type };
            assert.equal((await postRest(`${rest.url}/tools/add`, "{}", headers)).status, 200);
        });
    }

    for (const [method, path, allow] of [
        ["GET", "/call", "POST"],
        ["DELETE", "/tools/add", "POST"],
        ["POST", "/tools", "GET, HEAD"],
        ["PUT", "/docs", "GET, HEAD"],
    ] as const) {
        it(`refuses ${method} ${path} and says what is allowed`, async () => {
            const response = await fetch(rest.url + path, { method });
            assert.equal(response.headers.get("allow"), allow);
            const { status, body } = await readRest(response);
            assert.deepEqual([status, body.error.code], [405, "method_not_allowed"]);
        });
    }

    it("is told when its client goes away", async () => {
        answer = ({ signal }) =>
            new Promise((resolve) => {
                signal.addEventListener("abort", () => resolve({ timeout: "gone" }));
            });
        const abandoned = new AbortController();
        const { signal } = abandoned;
        const asked = fetch(`${rest.url}/tools/plain`, { method: "POST", signal });
        await until(() => rest.calls.length === 1);
        assert.equal(rest.calls[0]?.signal.aborted, false);
        abandoned.abort();
        await assert.rejects(asked);
        await until(() => rest.calls[0]?.signal.aborted === true);
    });

    it("is not called for a client that goes away in the middle of its body", async () => {
        const options = { method: "POST", headers: { ...json, "content-length": 10 } };
        const asked = request(`${rest.url}/tools/plain`, options).on("error", () => undefined);
        asked.write("{");
        await until(() => rest.unsettled() === 1);
        asked.destroy();
        await until(() => rest.unsettled() === 0);
        assert.equal(rest.calls.length, 0);
    });

    it("is not told so once its answer is out", async () => {
        await call("plain", {});
        const { signal } = rest.calls[0] ?? assert.fail();
        const agentless = request(`${rest.url}/tools/plain`, { method: "POST", agent: false });
        const closed = new Promise((resolve) => agentless.once("close", resolve));
        agentless.once("response", (response) => response.resume()).end();
        await closed;
        assert.deepEqual([signal.aborted, rest.calls[1]?.signal.aborted], [false, false]);
    });

    it("that makes the bridge itself fail is 500, with the reason in the log only", async () => {
        answer = () => Promise.reject(new Error("secret reason"));
        const { status, text } = await call("plain", {});
        assert.equal(status, 500);
        assert.doesNotMatch(text, /secret reason/);
        const last = rest.log.at(-1);
        assert.deepEqual([last?.event, last?.message], ["rest_failed", "secret reason"]);
    });
});

describe("a tool that is still looked for when its client goes away", () => {
    it("is not called", async () => {
        const found = Promise.withResolvers<Tool>();
        const looking = Promise.withResolvers<void>();
        const find = (): Promise<Tool> => {
            looking.resolve();
            return found.promise;
        };
        const rest = await startRest({ catalog: { find, tools: () => assert.fail() } });
        try {
            const options = { method: "POST", agent: false };
            const asked = request(`${rest.url}/tools/plain`, options).on("error", () => undefined);
            asked.end();
            await looking.promise;
            asked.destroy();
            await until(async () => (await rest.connections()) === 0);
            found.resolve(plain);
            await until(() => rest.unsettled() === 0);
            assert.equal(rest.calls.length, 0);
        } finally {
            await rest.close();
        }
    });
});

describe("the tools of a server that gives none", () => {
    it("are 503, everywhere", async () => {
        const fail = (): Promise<never> => Promise.reject(new Error("server: not ready"));
        const rest = await startRest({ catalog: { find: fail, tools: fail } });
        try {
            const answers = [
                await readRest(await fetch(`${rest.url}/tools`)),
                await readRest(await fetch(`${rest.url}/openapi.json`)),
                await postRest(`${rest.url}/call`, { tool_name: "add" }),
            ];
            for (const { status, body, headers } of answers) {
                assert.deepEqual([status, body.error.code], [503, "unavailable"]);
                assert.match(body.error.message, /server: not ready/);
                assert.equal(headers.get("retry-after"), "1");
            }
        } finally {
            await rest.close();
        }
    });
});

describe("a tool's path", () => {
    const name = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string(),
        fc.constantFrom(
            "a/b",
            "/",
            "//",
            "..",
            "../x",
            "a?b#c",
            "%2F",
            "%",
            "{a}",
            "ü ✓ 🚀",
            "\uD800",
        ),
    );

    it("leads to the tool of that name, whatever it is", async () => {
        let names: string[] = [];
        const rest = await startRest({
            tools: () => names.map((each) => ({ name: each, inputSchema: { type: "object" } })),
        });
        try {
            await fc.assert(
                fc.asyncProperty(name, async (chosen) => {
                    names = [chosen];
                    rest.catalog.invalidate();
                    const path = buildToolPath(chosen);
                    const { status } =
                        path === undefined
                            ? await postRest(`${rest.url}/call`, { tool_name: chosen })
                            : await postRest(rest.url + path, {});
                    assert.equal(status, 200);
                    assert.equal(rest.calls.at(-1)?.name, chosen);
                }),
                { numRuns: 200 },
            );
        } finally {
            await rest.close();
        }
    });
});
