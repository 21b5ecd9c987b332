import { startBridge } from "./bridge.ts";
import { readBridgeOptions, usage } from "./bridgeOptions.ts";
import { createLog } from "./log.ts";

const options = readBridgeOptions(process.argv.slice(2), process.env);
if (options === "help") {
    process.stdout.write(usage);
} else if ("problems" in options) {
    const lines = options.problems.map((problem) => `  - ${problem}\n`);
    process.stderr.write(`slipway-bridge: cannot start\n${lines.join("")}see --help\n`);
    process.exitCode = 2;
} else {
    const log = createLog("slipway-bridge");
    try {
        const bridge = await startBridge(options, process.env, log);
        log("info", "listening", { port: bridge.port, path: options.path, server: options.server });
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
            process.once(signal, () => void bridge.close());
        }
    } catch (error) {
        log("error", "cannot listen", { reason: (error as Error).message });
        process.exitCode = 1;
    }
}
