import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { verifyServer } from "../../verify/verifyServer.ts";
import { outputsOf, serveWeather } from "./weatherStack.ts";

/** One pod of a server that keeps sessions, as the examples of the SDK do. */
class Pod {
    private readonly sessions = new Map<string, StreamableHTTPServerTransport>();
    private readonly unknown: number;

    constructor(unknown: number) {
        this.unknown = unknown;
    }

    async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const id = request.headers["mcp-session-id"];
        const known = this.sessions.get(String(id));
        if (id !== undefined && known === undefined) {
            response.writeHead(this.unknown).end("Bad Request: No valid session ID provided");
            return;
        }
        await (known ?? (await this.open())).handleRequest(request, response);
    }

    private async open(): Promise<StreamableHTTPServerTransport> {
        const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
            sessionIdGenerator: randomUUID,
            onsessioninitialized: (id) => void this.sessions.set(id, transport),
        });
        const server = new McpServer({ name: "weather", version: "1.0.0" });
        server.registerTool("get_wind", {}, () => ({ content: [{ type: "text", text: "calm" }] }));
        await server.connect(transport);
        return transport;
    }
}

/** A gateway that sends each call of a session to the next pod after the first `together` of them. */
function serve(pods: Pod[], together: number): Promise<Server> {
    let calls = 0;
    return serveWeather((request, response) => {
        if (request.method === "POST") calls += 1;
        const pod = pods[Math.max(0, calls - together) % pods.length]!;
        void pod.answer(request, response);
    });
}

describe("verifyServer with a server that keeps sessions", () => {
    let server: Server | undefined;

    afterEach(() => {
        server?.closeAllConnections();
        server?.close();
        server = undefined;
    });

    for (const unknown of [404, 400]) {
        for (const { when, together } of [
            { when: "while it connects", together: 1 },
            // `initialize` and `notifications/initialized` reach one pod, the calls after them two.
            { when: "after it has connected", together: 2 },
        ]) {
            it(`names the key to set when another pod answers ${unknown} ${when}`, async () => {
                server = await serve([new Pod(unknown), new Pod(unknown)], together);
                await assert.rejects(
                    verifyServer(outputsOf(server), "weather"),
                    /^Error: weather: .* with SDK v1: the session .* was refused: .*; its calls reach several pods, .*: set 'sessions: stateful' for 'weather' in 'slipway:servers'/,
                );
            });
        }
    }

    it("passes when one pod answers all calls", async () => {
        server = await serve([new Pod(404)], 1);
        const { tools } = await verifyServer(outputsOf(server), "weather");
        assert.deepEqual(tools, ["get_wind"]);
    });
});
