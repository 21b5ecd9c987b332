import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { installRequirements } from "../../../../../test/support/pythonServer.ts";
import { startBridge, type Bridge } from "../../../src/app/bridge.ts";
import { readOptions } from "../../../src/options/readOptions.ts";
import type { LogEntry } from "../../support/startFixture.ts";

/** A bridge in this process, in front of a server that nobody here wrote. */
export interface ServedServer extends AsyncDisposable {
    bridge: Bridge;
    url: URL;
    log: LogEntry[];
    close(): Promise<void>;
}

/** Starts a bridge at a free port, with options as an operator writes them. */
export async function startServer(
    flags: string[],
    command: string[],
    environment: NodeJS.ProcessEnv = process.env,
): Promise<ServedServer> {
    const options = readOptions(["--port", "0", ...flags, "--", ...command], {});
    if (options === "help" || "problems" in options) {
        throw new Error(`options of the bridge: ${JSON.stringify(options)}`);
    }
    const log: LogEntry[] = [];
    const bridge = await startBridge(options, environment, (level, event, fields) =>
        log.push({ level, event, ...fields }),
    );
    const url = new URL(`http://127.0.0.1:${bridge.port}/mcp`);
    const close = () => bridge.close();
    return { bridge, url, log, close, [Symbol.asyncDispose]: close };
}

/** The command of a server from npm, by the last part of its package's name. */
export function npmServer(name: string, ...args: string[]): string[] {
    const file = createRequire(import.meta.url).resolve(
        `@modelcontextprotocol/server-${name}/package.json`,
    );
    return [process.execPath, join(dirname(file), "dist/index.js"), ...args];
}

/**
 * The command of a server from PyPI, installed from the lock beside these tests, which was made from `requirements.in`
 * with `uv pip compile --generate-hashes --no-header --no-annotate --python-version 3.13`.
 */
export async function pythonServer(name: string, ...args: string[]): Promise<string[]> {
    return [join(await installRequirements(join(import.meta.dirname, "..")), name), ...args];
}
