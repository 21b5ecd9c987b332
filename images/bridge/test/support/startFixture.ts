import { fileURLToPath } from "node:url";
import { startBridge, type Bridge } from "../../src/bridge.ts";
import type { BridgeOptions } from "../../src/bridgeOptions.ts";

/** The server every test drives. */
export const fixture = fileURLToPath(new URL("../fixtures/server.mjs", import.meta.url));

export interface LogEntry extends Record<string, unknown> {
    level: string;
    event: string;
}

/** A bridge in this process, in front of the fixture. */
export interface RunningBridge extends Bridge {
    url: string;
    log: LogEntry[];
}

/** Starts a bridge at a free port. */
export async function startFixture(
    options: Partial<BridgeOptions> = {},
    environment: NodeJS.ProcessEnv = process.env,
): Promise<RunningBridge> {
    const log: LogEntry[] = [];
    const bridge = await startBridge(
        {
            command: [process.execPath, fixture],
            port: 0,
            host: "127.0.0.1",
            path: "/mcp",
            server: "fixture",
            allowedHosts: [],
            allowedOrigins: [],
            childEnvironment: [],
            graceSeconds: 5,
            callSeconds: 30,
            startSeconds: 10,
            ...options,
        },
        environment,
        (level, event, fields) => log.push({ level, event, ...fields }),
    );
    return { ...bridge, url: `http://127.0.0.1:${bridge.port}/mcp`, log };
}
