import { startBridge } from "./bridge.ts";
import { createLog } from "./log.ts";
import type { BridgeOptions } from "./options/bridgeOptions.ts";
import { readOptions } from "./options/readOptions.ts";
import { usage } from "./options/usage.ts";

const options = readOptions(process.argv.slice(2), process.env);
if (options === "help") {
    process.stdout.write(usage);
} else if ("problems" in options) {
    const lines = options.problems.map((problem) => `  - ${problem}\n`);
    process.stderr.write(`slipway-bridge: cannot start\n${lines.join("")}see --help\n`);
    process.exitCode = 2;
} else {
    void serve(options);
}

async function serve(served: BridgeOptions): Promise<void> {
    const log = createLog("slipway-bridge");
    try {
        const bridge = await startBridge(served, process.env, log);
        log("info", "listening", { port: bridge.port, path: served.path, server: served.server });
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
            process.once(signal, () => void bridge.close());
        }
    } catch (error) {
        log("error", "cannot listen", { reason: (error as Error).message });
        process.exitCode = 1;
    }
}
