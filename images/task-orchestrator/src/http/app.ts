import {
    createMcpHandler,
    hostHeaderValidationResponse,
    isLegacyRequest,
    type McpServer,
} from "@modelcontextprotocol/server";
import { Hono } from "hono";

import type { CallCounter } from "../mcp/callCounter.ts";
import { listChangedUris } from "../mcp/resources.ts";
import { createFollowingServer, createServer } from "../mcp/server.ts";
import type { Changed, Orchestrator } from "../orchestrator.ts";
import { LegacySessions, type SessionLimits } from "./legacySessions.ts";

export interface HttpOptions {
    /** Path of the MCP endpoint. */
    path: string;
    /** Names in the Host header that are served; empty for all. */
    allowedHosts: string[];
    sessions: SessionLimits;
}

export interface HttpServing {
    app: Hono;
    /** Ends sessions and subscriptions. */
    close(): Promise<void>;
}

/** The MCP endpoint for both eras, and `/health`. */
export function createApp(
    orchestrator: Orchestrator,
    calls: CallCounter,
    { path, allowedHosts, sessions: limits }: HttpOptions,
): HttpServing {
    const modern = createMcpHandler(() => createServer(orchestrator, calls), { legacy: "reject" });
    const create = (): McpServer => createFollowingServer(orchestrator, calls, "legacy");
    const sessions = new LegacySessions(create, limits);
    orchestrator.on("changed", (changed: Changed) => {
        for (const uri of listChangedUris(changed)) modern.notify.resourceUpdated(uri);
        if (changed.listChanged) modern.notify.resourcesChanged();
    });

    const app = new Hono();
    // Fails with the cause when the state cannot be read, so that Kubernetes sends no more calls.
    app.get("/health", async (context) => {
        try {
            await orchestrator.read();
            return context.json({ status: "ok" });
        } catch (error) {
            return context.json({ status: "failed", reason: (error as Error).message }, 503);
        }
    });
    app.all(path, async ({ req: { raw } }) => {
        const refusal =
            allowedHosts.length === 0 ? undefined : hostHeaderValidationResponse(raw, allowedHosts);
        if (refusal !== undefined) return refusal;
        return (await isLegacyRequest(raw)) ? sessions.handle(raw) : modern.fetch(raw);
    });
    return {
        app,
        close: async () => {
            await Promise.all([sessions.close(), modern.close()]);
        },
    };
}
