import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BridgeTimes } from "../../src/app/bridge.ts";
import type { BridgeOptions } from "../../src/options/bridgeOptions.ts";
import { remembering } from "./servers.ts";
import { startFixture, type RunningBridge } from "./startFixture.ts";

/** Bridges that are replicas of one another: each at a loopback address of its own, all at one port. */
export interface Replicas {
    /** By address. */
    at: Record<string, RunningBridge>;
    port: number;
    /** Ends every replica. */
    close(): Promise<void>;
}

/** Key of all replicas, unless a test wants another. */
export const sharedKey = Buffer.alloc(32, 1);

const common = { command: remembering, identity: "headers", warmChildren: 0 } as const;

interface ReplicaOptions extends Partial<BridgeOptions> {
    /** Addresses that every replica knows of (default those of the replicas). */
    peers?: string[];
    /** Keys by address, where they are not the shared one. */
    keys?: Record<string, Buffer>;
}

/** Starts replicas in front of the server that remembers. */
export async function startReplicas(
    addresses: string[],
    { keys = {}, ...options }: ReplicaOptions = {},
    times: BridgeTimes = {},
): Promise<Replicas> {
    const directory = mkdtempSync(join(tmpdir(), "replicas-"));
    const at: Record<string, RunningBridge> = {};
    let port = 0;
    for (const address of addresses) {
        const keyFile = join(directory, address);
        writeFileSync(keyFile, keys[address] ?? sharedKey);
        const own = { host: address, allowedHosts: addresses, address, port, keyFile };
        const bridge = await startFixture(
            { ...common, peers: addresses, ...options, ...own },
            process.env,
            times,
        );
        port = bridge.port;
        at[address] = { ...bridge, url: `http://${address}:${port}/mcp` };
    }
    return {
        at,
        port,
        async close() {
            await Promise.all(Object.values(at).map((bridge) => bridge.close()));
            rmSync(directory, { recursive: true });
        },
    };
}
