import { fileURLToPath } from "node:url";
import { startBridge, type Bridge, type BridgeTimes } from "../../src/app/bridge.ts";
import type { BridgeOptions } from "../../src/options/bridgeOptions.ts";
import { readOptions } from "../../src/options/readOptions.ts";

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

/** The bridge's options: those of a laptop, and what a test wants otherwise. */
export function buildOptions(options: Partial<BridgeOptions> = {}): BridgeOptions {
    const read = readOptions(["--port", "0", "--", process.execPath, fixture], {});
    if (read === "help" || "problems" in read) {
        throw new Error(JSON.stringify(read));
    }
    const short = { server: "fixture", graceSeconds: 5, callSeconds: 30, startSeconds: 10 };
    return { ...read, ...short, ...options };
}

/** Starts a bridge at a free port, which takes a short quiet for the end of traffic unless a test wants it longer. */
export async function startFixture(
    options: Partial<BridgeOptions> = {},
    environment: NodeJS.ProcessEnv = process.env,
    times: BridgeTimes = {},
): Promise<RunningBridge> {
    const log: LogEntry[] = [];
    const bridge = await startBridge(
        buildOptions(options),
        environment,
        (level, event, fields) => log.push({ level, event, ...fields }),
        { quietTime: 100, ...times },
    );
    return { ...bridge, url: `http://127.0.0.1:${bridge.port}/mcp`, log };
}
