import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Hono } from "hono";

import { createServer } from "./server.ts";

// Without sessions: any pod answers any request.
const mcp = createMcpHandler(() => createServer());
const app = new Hono();
let calls = 0;
app.get("/health", (context) => context.json({ status: "ok" }));
app.all("/mcp", async ({ req }) => {
    calls += 1;
    try {
        return await mcp.fetch(req.raw);
    } finally {
        calls -= 1;
    }
});
const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 8000) });

/** Accepts no more connections, waits for the calls in flight, and ends. */
async function stop(): Promise<void> {
    server.close();
    while (calls > 0) await sleep(50);
    // Answers of the last calls are still being sent.
    await sleep(100);
    await mcp.close();
    process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
