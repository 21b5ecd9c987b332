import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { until } from "../support/until.ts";
import { clientKinds, modernKind, oldKind } from "./support/clientKinds.ts";
import { npmServer, startServer, type ServedServer } from "./support/startServer.ts";

describe("server-everything, when it asks its client", function () {
    this.timeout(60_000);
    let served: ServedServer;
    before(async () => {
        served = await startServer([], npmServer("everything"));
    });
    after(() => served.close());

    for (const kind of clientKinds) {
        describe(kind.title, () => {
            it("has a form filled in", async () => {
                const asked: JsonObject[] = [];
                await using client = await kind.connect(served.url, {
                    elicit: (params) => {
                        asked.push(params);
                        const content = { name: "Åsa", check: true, integer: 7 };
                        return { action: "accept", content };
                    },
                });
                const { content } = await client.call("trigger-elicitation-request");
                assert.equal(asked.length, 1);
                const { properties } = asked[0]?.requestedSchema as { properties: JsonObject };
                assert.deepEqual(properties.titledSingleSelectEnum, {
                    type: "string",
                    title: "Titled Single Select Enum",
                    description: "Choose your favorite hero",
                    oneOf: [
                        { const: "hero-1", title: "Superman" },
                        { const: "hero-2", title: "Green Lantern" },
                        { const: "hero-3", title: "Wonder Woman" },
                    ],
                    default: "hero-1",
                });
                assert.match(String(content[1]?.text), /Name: Åsa\n- Agreed to terms: true/);
            });

            it("is told that nobody wants to", async () => {
                await using client = await kind.connect(served.url, {
                    elicit: () => ({ action: "decline" }),
                });
                assert.match(await client.text("trigger-elicitation-request"), /User declined/);
            });

            it("has text written", async () => {
                const asked: JsonObject[] = [];
                await using client = await kind.connect(served.url, {
                    sample: (params) => {
                        asked.push(params);
                        const content = { type: "text", text: "Es war einmal" };
                        return { model: "none", role: "assistant", content };
                    },
                });
                const prompt = { prompt: "erzähle", maxTokens: 11 };
                const answer = await client.text("trigger-sampling-request", prompt);
                assert.match(answer, /Es war einmal/);
                assert.equal(asked[0]?.maxTokens, 11);
                assert.match(JSON.stringify(asked[0]?.messages), /context: erzähle/);
            });

            it("has a page visited", async () => {
                const asked: unknown[] = [];
                await using client = await kind.connect(served.url, {
                    elicit: ({ mode, url }) => {
                        asked.push([mode, url]);
                        return { action: "accept" };
                    },
                });
                const url = "https://example.org/consent";
                const answer = await client.text("trigger-url-elicitation", { url });
                assert.match(answer, /completed the URL elicitation flow/);
                assert.deepEqual(asked, [["url", url]]);
            });

            it("learns the roots", async () => {
                const roots = () => ["file:///home/åsa/projekte", "file:///srv"];
                await using client = await kind.connect(served.url, { roots });
                const answer = await client.text("get-roots-list");
                assert.match(answer, /\(2 total\)/);
                assert.match(answer, /file:\/\/\/home\/åsa\/projekte/);
            });

            it("offers those tools that the client can do its part of", async () => {
                const offered = async (handlers = {}) => {
                    await using client = await kind.connect(served.url, handlers);
                    return (await client.tools()).map(({ name }) => String(name));
                };
                const sample = () => ({});
                assert.ok((await offered({ sample })).includes("trigger-sampling-request"));
                assert.ok(!(await offered()).includes("trigger-sampling-request"));
            });

            it("asks each of two clients for its own call", async () => {
                const run = async (name: string) => {
                    await using client = await kind.connect(served.url, {
                        elicit: () => ({ action: "accept", content: { name } }),
                    });
                    const { content } = await client.call("trigger-elicitation-request");
                    return String(content[1]?.text);
                };
                const [mine, yours] = await Promise.all([run("Mine"), run("Yours")]);
                assert.match(mine, /Name: Mine/);
                assert.match(yours, /Name: Yours/);
            });
        });
    }

    it("refuses a call until a page was visited: SDK v1 gets the error of its era", async () => {
        await using client = await oldKind.connect(served.url, {
            elicit: () => ({ action: "accept" }),
        });
        const args = { url: "https://example.org/a", errorPath: true };
        await assert.rejects(client.call("trigger-url-elicitation", args), { code: -32042 });
    });

    it("refuses a call until a page was visited: SDK v2 has both visited and calls again", async () => {
        const visited: unknown[] = [];
        await using client = await modernKind.connect(served.url, {
            elicit: ({ url }) => {
                visited.push(url);
                return { action: "accept" };
            },
        });
        const args = { url: "https://example.org/b", errorPath: true };
        const answer = await client.text("trigger-url-elicitation", args);
        assert.match(answer, /completed the URL elicitation flow/);
        assert.deepEqual(visited, ["https://modelcontextprotocol.io", args.url]);
    });

    for (const kind of [oldKind, modernKind]) {
        it(`logs to the one client whose process it is: ${kind.title}`, async () => {
            await using apart = await startServer(
                ["--isolation", "session"],
                npmServer("everything"),
            );
            const heard = { mine: 0, yours: 0 };
            const count = (who: keyof typeof heard) => ({
                onNotification: (method: string) =>
                    void (method === "notifications/message" && heard[who]++),
            });
            await using mine = await kind.connect(apart.url, count("mine"));
            await using yours = await kind.connect(apart.url, count("yours"));
            await mine.logFrom("debug");
            await yours.logFrom("debug");
            // Switching it on logs a message at once.
            await mine.call("toggle-simulated-logging");
            await until(() => heard.mine > 0);
            await yours.call("echo", { message: "quiet" });
            assert.equal(heard.yours, 0);
        });
    }
});
