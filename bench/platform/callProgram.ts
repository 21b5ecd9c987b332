/**
 * Calls one tool in turn through the gateway and at the pods themselves, each on a connection that is kept, and prints
 * the times of both ways in JSON. What to call comes on standard input, as the token may not be an argument.
 */
import { text } from "node:stream/consumers";

import { McpConnection, type Target } from "../bridge/mcpConnection.ts";
import type { CallOrder, CallTimes } from "./addedTime.ts";

const { gateway, pods, tool, args, expected, calls, warmUp } = JSON.parse(
    await text(process.stdin),
) as CallOrder;

async function connect(target: Target): Promise<McpConnection> {
    const connection = new McpConnection(target);
    await connection.open();
    return connection;
}

const through = await connect(gateway);
const direct = await Promise.all(pods.map(connect));
const times: CallTimes = { gateway: [], pod: [] };
for (let call = -warmUp; call < calls; call += 1) {
    const own = direct[Math.abs(call) % direct.length]!;
    for (const [way, connection] of [
        ["gateway", through],
        ["pod", own],
    ] as const) {
        await connection.call(tool, args, expected);
        if (call >= 0) times[way].push(connection.lastMs);
    }
}
for (const connection of [through, ...direct]) await connection.end();
console.log(JSON.stringify(times));
