#!/usr/bin/env -S node --max-semi-space-size=4 --single-threaded-gc --no-maglev --no-sparkplug --no-node-snapshot
import { constants } from "node:os";
import { startBridge, type Bridge } from "./app/bridge.ts";
import { createLog } from "./log/log.ts";
import type { BridgeOptions } from "./options/bridgeOptions.ts";
import { findProgramProblem } from "./options/findProgram.ts";
import { findKeyProblem } from "./options/readKey.ts";
import { readOptions } from "./options/readOptions.ts";
import { usage } from "./options/usage.ts";

const { node } = process.versions;
const options = readOptions(process.argv.slice(2), process.env);
if (Number.parseInt(node, 10) < 24) {
    refuse([`node: must be 24 or newer, got ${node}`]);
} else if (options === "help") {
    process.stdout.write(usage);
} else if ("problems" in options) {
    refuse(options.problems);
} else {
    const problems = [
        findProgramProblem(options.command, process.env),
        findKeyProblem(options, process.env),
    ].filter((problem) => problem !== undefined);
    if (problems.length === 0) {
        void serve(options);
    } else {
        refuse(problems);
    }
}

function refuse(problems: string[]): void {
    const lines = problems.map((problem) => `  - ${problem}\n`);
    process.stderr.write(`slipway-bridge: cannot start\n${lines.join("")}see --help\n`);
    process.exitCode = 2;
}

async function serve(served: BridgeOptions): Promise<void> {
    const log = createLog("slipway-bridge");
    let bridge: Bridge | undefined;
    let stopping = false;
    // A terminal that is closed, too. Who asks a second time does not want to wait for calls in flight.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => {
            if (stopping || bridge === undefined) {
                process.exit(128 + constants.signals[signal]);
            }
            stopping = true;
            void bridge.close();
        });
    }
    try {
        bridge = await startBridge(served, process.env, log);
        log("info", "listening", { port: bridge.port, path: served.path, server: served.server });
    } catch (error) {
        log("error", "cannot listen", { reason: (error as Error).message });
        process.exitCode = 1;
    }
}
