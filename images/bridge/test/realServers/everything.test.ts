import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { until } from "../support/until.ts";
import { clientKinds } from "./support/clientKinds.ts";
import { npmServer, startServer, type ServedServer } from "./support/startServer.ts";

describe("server-everything through the bridge", function () {
    this.timeout(60_000);
    let served: ServedServer;
    before(async () => {
        const environment = {
            ...process.env,
            SECRET_OF_THE_BRIDGE: "hidden",
            FOR_THE_SERVER: "shown",
        };
        const flags = ["--child-env", "FOR_THE_SERVER"];
        served = await startServer(flags, npmServer("everything"), environment);
    });
    after(() => served.close());

    for (const kind of clientKinds) {
        describe(kind.title, () => {
            it("introduces itself", async () => {
                await using client = await kind.connect(served.url);
                assert.equal(client.version, kind.version);
                assert.equal(client.serverName, "mcp-servers/everything");
                assert.match(client.instructions ?? "", /Everything Server/);
                const tools = await client.tools();
                const sum = tools.find(({ name }) => name === "get-sum");
                assert.equal(sum?.title, "Get Sum Tool");
                assert.deepEqual(Object.keys((sum?.inputSchema as JsonObject).properties ?? {}), [
                    "a",
                    "b",
                ]);
            });

            it("carries every sort of content", async () => {
                await using client = await kind.connect(served.url);
                const message = "„Grüße“ \u2028 👩‍👩‍👧 \u{10ffff}";
                assert.equal(await client.text("echo", { message }), `Echo: ${message}`);
                const sum = await client.text("get-sum", { a: 0.1, b: -2 });
                assert.equal(sum, "The sum of 0.1 and -2 is -1.9.");

                const weather = { location: "Chicago" };
                const { structuredContent } = await client.call("get-structured-content", weather);
                assert.deepEqual(structuredContent, {
                    temperature: 36,
                    conditions: "Light rain / drizzle",
                    humidity: 82,
                });

                const annotated = { messageType: "error", includeImage: true };
                const { content } = await client.call("get-annotated-message", annotated);
                assert.deepEqual(
                    content.map(({ type, annotations }) => [type, annotations]),
                    [
                        ["text", { priority: 1, audience: ["user", "assistant"] }],
                        ["image", { priority: 0.5, audience: ["user"] }],
                    ],
                );
                const links = await client.call("get-resource-links", { count: 2 });
                assert.deepEqual(
                    links.content.map(({ type }) => type),
                    ["text", "resource_link", "resource_link"],
                );
                const resource = { resourceType: "Blob", resourceId: 7 };
                const embedded = await client.call("get-resource-reference", resource);
                const { blob } = embedded.content[1]?.resource as { blob: string };
                assert.match(Buffer.from(blob, "base64").toString(), /^Resource 7/);
            });

            it("shows the server what it was given of the environment, and no more", async () => {
                await using client = await kind.connect(served.url);
                const environment = JSON.parse(await client.text("get-env")) as JsonObject;
                assert.equal(environment.FOR_THE_SERVER, "shown");
                assert.equal(environment.SECRET_OF_THE_BRIDGE, undefined);
            });

            it("tells each of two calls how far it is", async () => {
                await using client = await kind.connect(served.url);
                const run = async (steps: number) => {
                    const heard: string[] = [];
                    const args = { duration: 0.3, steps };
                    const { content } = await client.call("trigger-long-running-operation", args, {
                        onProgress: (progress, total) => heard.push(`${progress}/${total}`),
                    });
                    assert.match(String(content[0]?.text), new RegExp(`Steps: ${steps}\\.`));
                    return heard;
                };
                const [three, five] = await Promise.all([run(3), run(5)]);
                assert.deepEqual(three, ["1/3", "2/3", "3/3"]);
                assert.deepEqual(five, ["1/5", "2/5", "3/5", "4/5", "5/5"]);
            });

            it("goes on after a call was given up", async () => {
                await using client = await kind.connect(served.url);
                const controller = new AbortController();
                const given = client.call(
                    "trigger-long-running-operation",
                    { duration: 600, steps: 6000 },
                    { signal: controller.signal, onProgress: () => controller.abort() },
                );
                await assert.rejects(given);
                assert.equal(await client.text("echo", { message: "on" }), "Echo: on");
            });

            it("lists and reads resources, also one that a call made", async () => {
                const heard: string[] = [];
                await using client = await kind.connect(served.url, {
                    onNotification: (method) => heard.push(method),
                });
                await client.watchLists();
                const resources = await client.resources();
                const document = resources.find(({ name }) => name === "architecture.md");
                const [contents] = await client.read(String(document?.uri));
                assert.match(String(contents?.text), /Everything Server/);
                const templates = await client.templates();
                assert.ok(
                    templates.some(
                        ({ uriTemplate }) =>
                            uriTemplate === "demo://resource/dynamic/text/{resourceId}",
                    ),
                );
                const [text] = await client.read("demo://resource/dynamic/text/3");
                assert.match(String(text?.text), /^Resource 3: This is a plaintext/);
                await assert.rejects(client.read("demo://resource/none"), { code: -32602 });

                const name = `${kind.version}.gz`;
                const data = "data:text/plain;charset=utf-8,h%C3%A4user";
                const made = await client.call("gzip-file-as-resource", { name, data });
                const [zipped] = await client.read(String(made.content[0]?.uri));
                const bytes = gunzipSync(Buffer.from(String(zipped?.blob), "base64"));
                assert.equal(bytes.toString(), "häuser");
                await until(() => heard.includes("notifications/resources/list_changed"));
            });

            it("gives prompts and completes their arguments", async () => {
                await using client = await kind.connect(served.url);
                const prompts = await client.prompts();
                assert.deepEqual(
                    prompts.map(({ name }) => name),
                    ["simple-prompt", "args-prompt", "completable-prompt", "resource-prompt"],
                );
                const place = { city: "Åre", state: "Jämtland" };
                assert.deepEqual(await client.prompt("args-prompt", place), [
                    {
                        role: "user",
                        content: { type: "text", text: "What's weather in Åre, Jämtland?" },
                    },
                ]);
                const ref = { type: "ref/prompt", name: "completable-prompt" };
                assert.deepEqual(
                    await client.complete({ ref, argument: { name: "department", value: "S" } }),
                    ["Sales", "Support"],
                );
                const context = { arguments: { department: "Sales" } };
                const argument = { name: "name", value: "" };
                assert.deepEqual(await client.complete({ ref, argument, context }), [
                    "David",
                    "Eve",
                    "Frank",
                ]);
                const uri = "demo://resource/dynamic/blob/{resourceId}";
                const variable = { name: "resourceId", value: "12" };
                const template = { type: "ref/resource", uri };
                assert.deepEqual(await client.complete({ ref: template, argument: variable }), [
                    "12",
                ]);
            });

            it("hears of a resource it watches, until it does no longer", async () => {
                const heard: unknown[] = [];
                await using client = await kind.connect(served.url, {
                    onNotification: (method, { uri }) =>
                        void (method === "notifications/resources/updated" && heard.push(uri)),
                });
                const uri = "demo://resource/dynamic/text/1";
                const unwatch = await client.watch(uri);
                // Switching it on sends an update at once; the next call switches it off again.
                await client.call("toggle-subscriber-updates");
                await until(() => heard.length > 0);
                await client.call("toggle-subscriber-updates");
                assert.deepEqual(heard, [uri]);
                await unwatch();
                await client.call("toggle-subscriber-updates");
                await client.call("toggle-subscriber-updates");
                assert.deepEqual(heard, [uri]);
            });
        });
    }
});
