import type { Bridge } from "./bridge.ts";
import { bareServer } from "./files.ts";
import { installPackage } from "./installPackage.ts";
import { startIssuer } from "./issuer.ts";
import type { BenchOptions } from "./options.ts";
import { buildBundle, ourBridge } from "./ours.ts";
import { peers } from "./peers.ts";

/** A bridge that is not here, and why. */
export interface Unavailable {
    name: string;
    version: string;
    unavailable: string;
}

/** The floor: node:http without a stdio server. */
const bare: Bridge = {
    name: "bare",
    version: process.version,
    path: "/mcp",
    toolPrefix: "",
    modern: false,
    whole: false,
    command: (port) => [process.execPath, bareServer, String(port)],
};

/** Prepares every bridge that was asked for; one that cannot be had is named with its reason. */
export async function prepareBridges(
    options: BenchOptions,
): Promise<{ bridges: Bridge[]; missing: Unavailable[] }> {
    const { only } = options;
    const wanted = ({ name }: { name: string }) => only.length === 0 || only.includes(name);
    const bundle = options.bundle ?? buildBundle();
    const bridges = [ourBridge("slipway", bundle)];
    if (wanted({ name: "slipway-auth" })) {
        const { flags, token } = await startIssuer();
        const verifying = ourBridge("slipway-auth", bundle, flags);
        const single = { token, cells: ["legacy-16"], whole: false };
        bridges.push({ ...verifying, ...single });
        // The same token to read and carry, and nobody who looks at it.
        bridges.push({ ...ourBridge("slipway-no-auth", bundle), ...single });
    }
    if (options.other !== undefined) bridges.push(ourBridge("other", options.other));
    bridges.push(bare);

    const missing: Unavailable[] = [];
    for (const peer of peers) {
        const { version } = peer;
        const named = peer.bridges("").filter(wanted);
        if (named.length === 0) continue;
        try {
            const directory = await installPackage(peer);
            bridges.push(...peer.bridges(directory).map((bridge) => ({ ...bridge, version })));
        } catch (error) {
            const unavailable = (error as Error).message;
            missing.push(...named.map(({ name }) => ({ name, version, unavailable })));
        }
    }
    return {
        bridges: bridges.filter(
            ({ name }) =>
                wanted({ name }) ||
                (name === "slipway-no-auth" && wanted({ name: "slipway-auth" })),
        ),
        missing,
    };
}
