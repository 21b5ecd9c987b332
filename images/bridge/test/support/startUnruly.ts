import { fileURLToPath } from "node:url";
import type { BridgeTimes } from "../../src/app/bridge.ts";
import type { BridgeOptions } from "../../src/options/bridgeOptions.ts";
import { startFixture, type RunningBridge } from "./startFixture.ts";

const file = fileURLToPath(new URL("../fixtures/unrulyServer.mjs", import.meta.url));

/** How the server is started that does what servers should not. */
export const unruly = (...args: string[]): string[] => [process.execPath, file, ...args];

/** Starts a bridge in front of that server. It waits for nobody when it is closed. */
export function startUnruly(
    options: Partial<BridgeOptions> = {},
    times: BridgeTimes = {},
): Promise<RunningBridge> {
    return startFixture({ command: unruly(), graceSeconds: 0, ...options }, process.env, times);
}
