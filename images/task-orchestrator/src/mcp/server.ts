import { McpServer, type McpRequestContext } from "@modelcontextprotocol/server";

import type { Changed, Orchestrator } from "../orchestrator.ts";
import type { CallCounter } from "./callCounter.ts";
import { listChangedUris, registerResources } from "./resources.ts";
import { registerTools } from "./tools.ts";

/** Creates the MCP server of one connection or request; it tells nobody of changes by itself. */
export function createServer(orchestrator: Orchestrator, calls: CallCounter): McpServer {
    const server = new McpServer(
        { name: "task-orchestrator", version: "0.1.0" },
        {
            capabilities: { resources: { subscribe: true, listChanged: true }, tools: {} },
            instructions:
                "Keeps a queue of tasks. Take the next task, start it, then complete or fail it.",
        },
    );
    registerResources(server, orchestrator);
    registerTools(server, orchestrator, calls);
    return server;
}

/**
 * Creates the server of a connection that lasts, which tells its client of changes: up to 2025-11-25 of the resources that
 * it subscribed to, since 2026-07-28 of those that its `subscriptions/listen` names, which the SDK selects.
 */
export function createFollowingServer(
    orchestrator: Orchestrator,
    calls: CallCounter,
    era: McpRequestContext["era"],
): McpServer {
    const mcpServer = createServer(orchestrator, calls);
    const { server } = mcpServer;
    const subscribed = new Set<string>();
    server.setRequestHandler("resources/subscribe", ({ params }) => {
        subscribed.add(params.uri);
        return {};
    });
    server.setRequestHandler("resources/unsubscribe", ({ params }) => {
        subscribed.delete(params.uri);
        return {};
    });
    const tell = (changed: Changed) => {
        const wanted = listChangedUris(changed).filter(
            (uri) => era === "modern" || subscribed.has(uri),
        );
        const sent = wanted.map((uri) => server.sendResourceUpdated({ uri }));
        if (changed.listChanged) sent.push(server.sendResourceListChanged());
        // A client that is gone hears of nothing.
        void Promise.allSettled(sent);
    };
    orchestrator.on("changed", tell);
    server.onclose = () => orchestrator.off("changed", tell);
    return mcpServer;
}
