import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import assert from "node:assert/strict";
import type { Server } from "node:http";

import { verifyStack } from "../../verify/verifyStack.ts";
import { outputsOf, serveWeather } from "./weatherStack.ts";

/** A server whose replaced pod answers the first probes. */
function serve(formerCalls: number): Promise<Server> {
    let calls = 0;
    return serveWeather((request, response) => {
        const mcp = new McpServer({ name: "weather", version: "1.0.0" });
        mcp.registerTool("greet", {}, () => {
            calls += 1;
            const text = calls <= formerCalls ? "Hello" : "Ahoy";
            return { content: [{ type: "text", text }] };
        });
        const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
        void mcp.connect(transport).then(() => transport.handleRequest(request, response));
    });
}

const probe = { tool: "greet", args: {}, expect: "Ahoy", scopes: [] };

describe("verifyStack after a change", function () {
    this.timeout(20_000);
    let server: Server;
    let lines: string[];
    beforeEach(() => (lines = []));
    afterEach(() => {
        server.closeAllConnections();
        server.close();
    });
    const verify = (patienceMs?: number) =>
        verifyStack(outputsOf(server, { weather: probe }), {
            print: (line) => lines.push(line),
            patienceMs,
        });

    it("calls a server again while a former pod may answer, and says so once", async () => {
        server = await serve(2);
        const [verified] = await verify(10_000);
        assert.equal(verified?.server, "weather");
        assert.equal(lines.length, 2, lines.join("\n"));
        assert.match(
            lines[0]!,
            /^… weather: .* must answer with 'Ahoy', got 'Hello'; calling it again/,
        );
        assert.match(lines[1]!, /^✔ weather /);
    });

    it("fails when the answer is the same in the end", async () => {
        server = await serve(1000);
        await assert.rejects(verify(3000), /must answer with 'Ahoy', got 'Hello'/);
    });

    it("fails at once where nothing has changed", async () => {
        server = await serve(1);
        await assert.rejects(verify(), /must answer with 'Ahoy', got 'Hello'/);
        assert.equal(lines.length, 1, lines.join("\n"));
    });
});
