import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

/** Creates the server of one client; its tools are registered here. */
export function createServer(): McpServer {
    const server = new McpServer({ name: "my-server", version: "0.1.0" });
    server.registerTool(
        "greet",
        {
            description: "Greets a person by name",
            inputSchema: z.object({ name: z.string().min(1) }),
            annotations: { readOnlyHint: true },
        },
        ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
    );
    return server;
}
