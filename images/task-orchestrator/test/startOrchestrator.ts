import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { startHttpServer } from "../../../test/support/pythonServer.ts";

export const program = join(import.meta.dirname, "..", "src", "main.ts");
export const transports = ["stdio", "http"] as const;
/** Modes of negotiation, with the revision that each ends in. */
export const eras = { legacy: "2025-11-25", auto: "2026-07-28" } as const;

/** A client of a server with a state file of its own, and how both are removed. */
export interface Opened {
    client: Client;
    close: () => Promise<void>;
}

/** Makes a directory for a state file; `remove` deletes it. */
export function makeStateDirectory(): { stateFile: string; remove: () => void } {
    const directory = mkdtempSync(join(tmpdir(), "task-orchestrator-"));
    return {
        stateFile: join(directory, "tasks.json"),
        remove: () => rmSync(directory, { recursive: true, force: true }),
    };
}

/** Starts the server over one transport, and connects with one revision. */
export async function openOrchestrator(
    transport: (typeof transports)[number],
    mode: keyof typeof eras,
    stateFile: string,
): Promise<Opened> {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const env = { ...process.env, STATE_FILE: stateFile } as Record<string, string>;
    if (transport === "stdio") {
        const args = [program, "stdio"];
        const child = { command: process.execPath, args, env, stderr: "ignore" as const };
        await client.connect(new StdioClientTransport(child));
        return { client, close: () => client.close() };
    }
    const server = await startHttpServer(process.execPath, [program], "/health", env);
    await client.connect(
        new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${server.port}/mcp`)),
    );
    return {
        client,
        close: async () => {
            await client.close();
            await stop(server.process);
        },
    };
}

export async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
}

/** Starts the program with settings; what it is on its own says how it ends. */
export function spawnOrchestrator(environment: Record<string, string>, args: string[] = []) {
    return spawn(process.execPath, [program, ...args], {
        env: { ...process.env, ...environment },
        stdio: "pipe",
    });
}
