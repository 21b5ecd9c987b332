import { fileURLToPath } from "node:url";
import { startBridge } from "../../src/app/bridge.ts";
import { readOptions } from "../../src/options/readOptions.ts";

/** A fixture of this directory. */
export type Fixture = "legacyServer" | "dualServer" | "modernServer";

/** A bridge in this process, in front of a fixture. */
export interface Served {
    url: string;
    /** What the bridge logged, for failures. */
    log: string[];
    stop(): Promise<void>;
}

/** Serves a fixture with the bridge's defaults, at a free port. */
export async function startServed(fixture: Fixture): Promise<Served> {
    const file = fileURLToPath(new URL(`fixtures/${fixture}.ts`, import.meta.url));
    const args = ["--port", "0", "--host", "127.0.0.1", "--", process.execPath, file];
    const options = readOptions(args, {});
    if (options === "help" || "problems" in options) {
        throw new Error(`options of the fixture: ${JSON.stringify(options)}`);
    }
    const log: string[] = [];
    const bridge = await startBridge(options, process.env, (level, event, fields) => {
        log.push(JSON.stringify({ level, event, ...fields }));
    });
    return { url: `http://127.0.0.1:${bridge.port}/mcp`, log, stop: () => bridge.close() };
}
