import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern } from "../support/post.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { postRest } from "../support/startRest.ts";
import { unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** Patterns that take an engine with backtracking minutes, with what makes them do so. */
const slow: Record<string, [pattern: string, text: (length: number) => string]> = {
    "an address": ["^[^@]+@[^@]+\\.[^@]+$", (length) => `a@${".".repeat(length)}@`],
    "nested repetitions": ["^(a+)+$", (length) => `${"a".repeat(length)}b`],
    "alternatives that overlap": ["^(\\w|\\d)*-$", (length) => "1".repeat(length)],
};
const megabyte = 1_000_000;
const headers = { "content-type": "application/json" };

/** Ways to call a tool whose arguments are compared; each gives what the answer says. */
const ways: Record<string, (url: string, args: object) => Promise<string>> = {
    "POST /call": async (url, tool_args) => {
        const { text } = await postRest(`${url}/call`, { tool_name: "length", tool_args }, headers);
        return text;
    },
    "POST /tools/{name}": async (url, args) =>
        (await postRest(`${url}/tools/length`, args, headers)).text,
    "MCP without a session": async (url, args) =>
        JSON.stringify((await post(`${url}/mcp`, callTool("length", { ...args }))).last),
    "MCP in a session": async (url, args) => {
        const session = await enterSession(`${url}/mcp`);
        const message = callTool("length", { ...args });
        return JSON.stringify((await post(`${url}/mcp`, message, { headers: session })).last);
    },
    "MCP of 2026-07-28": async (url, args) => {
        const params = { name: "length", arguments: { ...args } };
        return JSON.stringify((await postModern(`${url}/mcp`, "tools/call", params)).last);
    },
};

describe("a pattern of a tool's schema", function () {
    this.timeout(60_000);
    let directory: string;
    let program: RunningProgram;
    let url: string;
    before(async () => {
        bundlePrograms();
        directory = mkdtempSync(join(tmpdir(), "slipway-patterns-"));
        const file = join(directory, "server.json");
        const patterns = Object.values(slow).map(([pattern]) => ({ pattern }));
        const properties = Object.fromEntries(patterns.map((schema, at) => [`p${at}`, schema]));
        const names = { [slow["nested repetitions"]?.[0] ?? ""]: { type: "number" } };
        const inputSchema = { type: "object", properties, patternProperties: names };
        writeFileSync(file, JSON.stringify({ capabilities: { tools: {} }, inputSchema }));
        const flags = ["--port", "0", "--check-arguments", "true"];
        program = startProgram("bridge", [...flags, "--", ...unruly("--file", file)]);
        const port = () => program.log.find(({ event }) => event === "listening")?.port;
        await until(() => port() !== undefined);
        url = `http://127.0.0.1:${String(port())}`;
        await until(async () => (await fetch(`${url}/readyz`)).status === 200);
    });
    after(async () => {
        process.kill(program.pid, "SIGKILL");
        await program.ended;
        rmSync(directory, { recursive: true });
    });

    for (const [way, call] of Object.entries(ways)) {
        for (const [at, [what, [pattern, write]]] of Object.entries(slow).entries()) {
            it(`holds up nobody, however long the text: ${what}, by ${way}`, async () => {
                const answer = call(url, { [`p${at}`]: write(megabyte) });
                const began = performance.now();
                assert.equal((await fetch(`${url}/livez`)).status, 200);
                const said = await answer;
                assert.ok(performance.now() - began < 2000);
                assert.ok(said.includes("must match pattern"), said.slice(0, 200));
                assert.ok(said.includes(JSON.stringify(pattern).slice(1, -1)), said);
            });
        }

        it(`of names holds up nobody either, by ${way}`, async () => {
            const began = performance.now();
            const said = await call(url, { value: "", [`${"a".repeat(megabyte / 2)}b`]: 1 });
            assert.ok(performance.now() - began < 2000);
            assert.ok(said.includes('"0"'), said.slice(0, 200));
        });
    }
});
