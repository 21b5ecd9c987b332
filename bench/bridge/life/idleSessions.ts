import type { Bridge } from "../bridge.ts";
import { McpConnection } from "../mcpConnection.ts";
import { pause } from "../pause.ts";
import { readRssMb } from "../processUse.ts";
import { startBridge } from "../startBridge.ts";

/** Enough that the memory of what was opened is more than what a collector leaves lying about. */
const sessions = 7500;
/** Where each has a process of its own. */
const sessionsWithProcesses = 20;
/** Part of them that is opened before: a heap that grew for calls would have room for many sessions and hide them. */
const before = 0.25;
const longestMs = 60_000;
/** Calls of another client before each reading: sessions idle while others work, and a collector runs only then. */
const callsBetween = 5000;

/** Memory of a session that was opened and does nothing: in the bridge, and with its servers. */
export async function measureIdleSessions(bridge: Bridge): Promise<{
    kbPerIdleSession: number;
    kbPerIdleSessionWithServers: number;
    idleSessions: number;
}> {
    const running = await startBridge(bridge);
    try {
        const client = new McpConnection(running.target);
        const wanted = bridge.ownProcesses?.length === 0 ? sessionsWithProcesses : sessions;
        await open(client, wanted * before);
        await work(client);
        const settled = running.processes();
        const own = readRssMb(settled.own);
        const whole = own + readRssMb(settled.servers);

        const opened = await open(client, wanted);
        await work(client);
        client.close();
        const after = running.processes();
        const ownGrowth = readRssMb(after.own) - own;
        const wholeGrowth = readRssMb(after.own) + readRssMb(after.servers) - whole;
        return {
            kbPerIdleSession: (ownGrowth * 1000) / opened,
            kbPerIdleSessionWithServers: (wholeGrowth * 1000) / opened,
            idleSessions: opened,
        };
    } finally {
        await running.stop();
    }
}

/** Opens sessions on one connection, each instead of the one before as far as the client knows; gives how many. */
async function open(client: McpConnection, count: number): Promise<number> {
    const deadline = performance.now() + longestMs;
    let opened = 0;
    for (; opened < count && performance.now() < deadline; opened += 1) await client.open();
    return opened;
}

async function work(client: McpConnection): Promise<void> {
    const deadline = performance.now() + longestMs / 4;
    for (let call = 0; call < callsBetween && performance.now() < deadline; call += 1) {
        await client.call("echo", { text: "work" }, "work");
    }
    await pause(2000);
}
