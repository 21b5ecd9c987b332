import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

import { readCaller, type ToolCalls } from "../toolCalls.ts";
import type { ServerDefinition } from "./mountedServer.ts";

/** What a greeting server says, and with which tool. */
export interface Greeting {
    name: string;
    tool: string;
    description: string;
    /** Text with `{userName}`. */
    text: string;
}

const variable = "{userName}";

/** An MCP server with one tool, which says one sentence. */
export function defineGreeting(greeting: Greeting, calls: ToolCalls): ServerDefinition {
    const { name, tool, description, text } = greeting;
    const inputSchema = z.strictObject({
        userName: z.string().trim().min(1).max(100).describe("Who is spoken to"),
    });
    return {
        name,
        start: () => {
            if (!text.includes(variable)) {
                throw new Error(`the text of '${name}' must contain ${variable}, got '${text}'`);
            }
            return {
                create: (headers) => {
                    const server = new McpServer({ name, version: "0.1.0" });
                    const annotations = { readOnlyHint: true };
                    server.registerTool(
                        tool,
                        { description, inputSchema, annotations },
                        ({ userName }) =>
                            calls.run({ server: name, tool }, readCaller(headers), () => ({
                                content: [
                                    {
                                        type: "text",
                                        text: text.replaceAll(variable, () => userName),
                                    },
                                ],
                            })),
                    );
                    return server;
                },
            };
        },
    };
}
