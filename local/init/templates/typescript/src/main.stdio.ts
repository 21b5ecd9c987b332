import { serveStdio } from "@modelcontextprotocol/server/stdio";

import { createServer } from "./server.ts";

// Messages have stdout: write logs to stderr.
const connection = serveStdio(() => createServer());

async function stop(): Promise<void> {
    await connection.close();
    process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
process.stdin.once("end", () => void stop());
