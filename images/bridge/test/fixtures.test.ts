import assert from "node:assert/strict";
import { join } from "node:path";
import { Client, type VersionNegotiationMode } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { until } from "./support/until.ts";

/** Without a bridge in between, so that what fails with one is known to be the bridge's. */
describe("the stdio servers of these tests, with SDK v2 on stdio", () => {
    const connect = async (file: string, mode: VersionNegotiationMode, ...args: string[]) => {
        const heard: [string, Record<string, unknown>][] = [];
        const client = new Client(
            { name: "test", version: "1" },
            {
                capabilities: { elicitation: {}, sampling: {}, roots: {} },
                versionNegotiation: { mode },
            },
        );
        const word = { action: "accept" as const, content: { word: "yes" } };
        client.setRequestHandler("elicitation/create", () => word);
        client.setRequestHandler("sampling/createMessage", () => ({
            model: "none",
            role: "assistant",
            content: { type: "text", text: "no" },
        }));
        client.setRequestHandler("roots/list", () => ({ roots: [{ uri: "file:///srv" }] }));
        client.fallbackNotificationHandler = ({ method, params = {} }) => {
            heard.push([method, params]);
            return Promise.resolve();
        };
        const server = join(import.meta.dirname, "fixtures", file);
        const transport = new StdioClientTransport({
            command: process.execPath,
            args: [server, ...args],
        });
        await client.connect(transport);
        const call = async (name: string, args = {}, options = {}) => {
            const { content } = await client.callTool({ name, arguments: args }, options);
            assert.ok(content[0]?.type === "text");
            return content[0].text;
        };
        const json = async (name: string, args = {}) => JSON.parse(await call(name, args));
        return { client, call, json, heard };
    };

    describe("the one of 2026-07-28 only", () => {
        it("has its questions answered, in one round and in more", async () => {
            const { client, call, json } = await connect("modernServer.mjs", { pin: "2026-07-28" });
            assert.equal(client.getServerVersion()?.name, "modern");
            assert.equal((await client.listTools()).ttlMs, 60_000);
            assert.equal(await call("echo", { value: "\u2028é" }), "\u2028é");
            const word = { action: "accept", content: { word: "yes" } };
            assert.deepEqual(await json("confirm"), {
                state: { step: 1 },
                inputResponses: { answer: word },
            });
            assert.deepEqual(Object.keys(await json("survey")), ["word", "rhyme", "roots"]);
            assert.deepEqual(await json("interview"), [{ word: "yes" }, { word: "yes" }]);
            const { messages } = await client.getPrompt({ name: "question" });
            assert.match(JSON.stringify(messages), /accept/);
            await client.close();
        });

        it("tells its progress, and logs to whoever wants it", async () => {
            const { client, call, heard } = await connect("modernServer.mjs", "auto");
            assert.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
            const steps: number[] = [];
            const onprogress = ({ progress }: { progress: number }) => steps.push(progress);
            assert.equal(await call("progress", { steps: 3, ms: 50 }, { onprogress }), "done");
            // The last comes in one piece with the result, upon which this SDK forgets whom to tell.
            assert.deepEqual(steps.slice(0, 2), [1, 2]);
            await call("log", { text: "unwanted" });
            const _meta = { "io.modelcontextprotocol/logLevel": "info" };
            await client.callTool({ name: "log", arguments: { text: "wanted" }, _meta });
            assert.deepEqual(heard, [["notifications/message", { level: "info", data: "wanted" }]]);
            await client.close();
        });

        it("tells changes to those who listen, while they do", async () => {
            const { client, call, heard } = await connect("modernServer.mjs", "auto");
            const wanted = { toolsListChanged: true, resourceSubscriptions: ["memo://x"] };
            const subscription = await client.listen(wanted);
            assert.deepEqual(subscription.honoredFilter, wanted);
            await call("announce");
            await call("announce", { list: "prompts" });
            await call("touch");
            await call("touch", { uri: "memo://y" });
            const methods = () => heard.map(([method]) => method);
            const both = ["notifications/tools/list_changed", "notifications/resources/updated"];
            assert.deepEqual(methods(), both);
            await subscription.close();
            await call("touch");
            assert.deepEqual(methods(), both);
            await client.close();
        });

        it("is told of a cancelled call, and does not know the old era", async () => {
            const { client, json } = await connect("modernServer.mjs", "auto");
            const signal = AbortSignal.timeout(50);
            const params = { name: "sleep", arguments: { ms: 60_000 } };
            await assert.rejects(client.callTool(params, { signal }));
            await until(async () => (await json("received")).cancelled.length === 1);
            await client.close();
            await assert.rejects(connect("modernServer.mjs", "legacy"), { code: -32022 });
        });
    });

    describe("the one of 2025-11-25 that remembers", () => {
        it("asks its client whatever it is told to", async () => {
            const { client, json } = await connect("rememberingServer.mjs", "auto");
            assert.equal(client.getNegotiatedProtocolVersion(), "2025-11-25");
            const requestedSchema = { type: "object", properties: {} };
            const elicit = {
                method: "elicitation/create",
                params: { message: "?", requestedSchema },
            };
            const word = { action: "accept", content: { word: "yes" } };
            assert.deepEqual(await json("ask", elicit), word);
            const roots = { method: "roots/list" };
            const answers = [word, { roots: [{ uri: "file:///srv" }] }];
            assert.deepEqual(await json("ask_many", { requests: [elicit, roots] }), answers);
            assert.deepEqual(await json("ask_in_turn", { requests: [elicit, roots] }), answers);
            await client.close();
        });

        it("remembers what it was told, by whom, and what it heard", async () => {
            const { client, call, json, heard } = await connect(
                "rememberingServer.mjs",
                "legacy",
                "--ask-roots",
            );
            await call("remember", { value: "a secret" });
            assert.equal(await call("recall"), "a secret");
            await client.subscribeResource({ uri: "memo://x" });
            await call("touch");
            await call("log", { text: "told" });
            assert.deepEqual(
                heard.map(([method]) => method),
                ["notifications/resources/updated", "notifications/message"],
            );
            const known = await json("whoami");
            assert.equal(known.initialize.clientInfo.name, "test");
            assert.deepEqual(known.handshakes, { initialize: 1, initialized: 1 });
            assert.deepEqual(known.subscriptions, ["memo://x"]);
            assert.deepEqual(known.roots, { roots: [{ uri: "file:///srv" }] });
            await assert.rejects(client.readResource({ uri: "memo://y" }), /not found/);
            const page = { url: "https://example.org/" };
            await assert.rejects(call("needs_page", page), { code: -32042 });
            assert.equal(await call("needs_page", page), "visited");
            await client.close();
        });
    });
});
