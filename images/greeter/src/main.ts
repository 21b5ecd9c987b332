import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";

import { createApp } from "./http/app.ts";
import { log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { defineGreeting } from "./servers/greetings.ts";
import { MountedServer } from "./servers/mountedServer.ts";
import { readSettings } from "./settings.ts";
import { ToolCalls } from "./toolCalls.ts";

const { settings, problems } = readSettings(process.env);
if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    process.exit(2);
}
const metrics = new Metrics();
const calls = new ToolCalls(metrics);
const servers = [
    { name: "greet", tool: "echoHai", description: "Says hello", text: settings.greetText },
    { name: "bye", tool: "echoBye", description: "Says good bye", text: settings.byeText },
].map((greeting) => new MountedServer(defineGreeting(greeting, calls)));
await Promise.all(servers.map((server) => server.start()));

const pages = process.env["PAGES"] ?? join(import.meta.dirname, "..", "pages");
const app = createApp(servers, calls, metrics, { ...settings, pages });
const server = createAdaptorServer({ fetch: app.fetch }) as Server;
server.listen(settings.port);
await once(server, "listening");
log("info", "serving", { port: settings.port });

/** Finishes the calls in flight, then ends each server. */
async function stop(): Promise<void> {
    server.close();
    await calls.waitForIdle();
    // Answers of the last calls are still being sent.
    await sleep(100);
    await Promise.all(servers.map((one) => one.stop()));
    server.closeAllConnections();
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
