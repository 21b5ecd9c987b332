import { execFileSync } from "node:child_process";
import { Agent } from "node:https";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { revisionOf } from "../../components/gateways/nginx/configuration.ts";
import { median } from "../figures.ts";
import { type Gateway, nameServer, streamParts } from "./gateway.ts";

const headers = { authorization: "Bearer good" };
const pathOf = (index: number) => `/${nameServer(index)}/mcp`;

/** Bytes of configuration that each server but the first adds. */
export function measureBytes({ nginx, configure }: Gateway, servers: number): number {
    const sizeOf = (count: number) => nginx.render(configure(count)).length;
    return (sizeOf(servers) - sizeOf(1)) / (servers - 1);
}

/** Medians of calls of several servers in turn, on one connection each, in milliseconds. */
export async function measureCalls(
    { nginx }: Gateway,
    servers: number[],
    calls: number,
): Promise<number[]> {
    const agents = servers.map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
    const times: number[][] = servers.map(() => []);
    for (let round = 0; round < calls; round += 1) {
        // The order changes, so that none always follows the same.
        for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
            const options = { headers, agent: agents[index]! };
            const started = performance.now();
            const { status } = await nginx.call(pathOf(servers[index]!), options);
            times[index]!.push(performance.now() - started);
            if (status !== 200) throw new Error(`call ${round}: must be answered, got ${status}`);
        }
    }
    for (const agent of agents) agent.destroy();
    return times.map((all) => median(all.slice(calls / 10)));
}

/** Questions to DNS in a second. */
export async function measureDns({ dns }: Gateway, seconds: number): Promise<number> {
    const before = dns.asked();
    await sleep(seconds * 1000);
    return (dns.asked() - before) / seconds;
}

/** Memory of all processes of the pod in megabytes; pages that several share count once. */
export async function measureMemory({ nginx }: Gateway): Promise<number> {
    const listed = execFileSync("ps", ["-o", "pid=", "-g", String(nginx.pid)], {
        encoding: "utf8",
    });
    const sizes = await Promise.all(
        listed
            .trim()
            .split(/\s+/)
            .map(async (pid) => {
                const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
                return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1] ?? 0);
            }),
    );
    return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

/** Adds a server while streams are open and calls are made; tells how long it took and what was cut. */
export async function measureReload(gateway: Gateway, servers: number, streams: number) {
    const { nginx, configure } = gateway;
    const opened = await Promise.all(
        Array.from({ length: streams }, (_, index) =>
            nginx.open(`${pathOf(index)}/stream`, { headers }),
        ),
    );
    const ends = opened.map(async (response) => {
        let parts = 0;
        try {
            for await (const chunk of response) parts += String(chunk).split("data:").length - 1;
        } catch {
            return false;
        }
        return response.statusCode === 200 && parts === streamParts;
    });
    const calls: Promise<boolean>[] = [];
    const timer = setInterval(() => {
        const call = nginx.call(pathOf(calls.length % servers), { headers });
        calls.push(call.then(({ status }) => status === 200).catch(() => false));
    }, 20);
    const text = nginx.render(configure(servers + 1));
    const started = performance.now();
    nginx.offer(text);
    await nginx.awaitRevision(revisionOf(text));
    // Old workers may take a connection for a moment longer.
    while ((await nginx.call(pathOf(servers), { headers })).status !== 200) await sleep(20);
    const seconds = (performance.now() - started) / 1000;
    clearInterval(timer);
    const results = await Promise.all([...ends, ...calls]);
    return { seconds, calls: calls.length, cut: results.filter((whole) => !whole).length };
}
