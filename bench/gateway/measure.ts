import { Agent, request } from "node:http";

import type { LoadGenerator } from "../bridge/loadGenerator.ts";
import type { Measurement } from "../bridge/measureRound.ts";
import { readCpuMs } from "../bridge/processUse.ts";
import { bridgesInTurn } from "../bridge/turns.ts";
import { median } from "../figures.ts";
import { server } from "./programs.ts";
import type { Way } from "./ways.ts";

/** Connections of each cell: one for times, many for CPU. */
export const cells = [
    { name: "1", connections: 1 },
    { name: "16", connections: 16 },
];
const warmUpMs = 700;
const verifications = 3000;

/** Measures every cell on every way, way by way within a cell, so that a way's neighbours are of the same moment. */
export async function measureRound(
    ways: Way[],
    round: number,
    sliceMs: number,
    generator: LoadGenerator,
): Promise<Measurement[]> {
    const measurements: Measurement[] = [];
    for (const cell of cells) {
        for (const way of bridgesInTurn(ways, round)) {
            await generator.open(way.target, cell.connections);
            await generator.load({ call: { tool: "echo" }, ms: warmUpMs });
            const before = readCpuMs(way.pids);
            const result = await generator.load({ call: { tool: "echo" }, ms: sliceMs });
            const cpuMs = readCpuMs(way.pids) - before;
            await generator.close();
            measurements.push({
                name: way.name,
                cell: cell.name,
                round,
                slice: 0,
                calls: result.done,
                lost: result.lost + result.refused,
                cpuMsPerCall: cpuMs / result.done,
                p50Ms: result.p50Ms,
                p99Ms: result.p99Ms,
                rps: (result.done / result.elapsedMs) * 1000,
                notificationsPerCall: 0,
                generatorCpuMsPerCall: result.generatorCpuMs / result.done,
                ...(result.lost + result.refused > 0 && { failures: result.failures }),
            });
        }
    }
    return measurements;
}

/** The median time in which the verifier answers for a token that it remembers, on one connection, in milliseconds. */
export async function measureVerifier(port: number, token: string): Promise<number> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const times: number[] = [];
    for (let index = -500; index < verifications; index += 1) {
        const started = performance.now();
        const status = await verify(agent, port, token);
        if (status !== 204) throw new Error(`verifier: must answer 204, got ${status}`);
        if (index >= 0) times.push(performance.now() - started);
    }
    agent.destroy();
    return median(times);
}

function verify(agent: Agent, port: number, token: string): Promise<number> {
    const headers = { Authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
        request({ agent, port, host: "127.0.0.1", path: `/verify/${server}`, headers })
            .on("response", (response) => {
                response.resume().on("end", () => resolve(response.statusCode ?? 0));
            })
            .on("error", reject)
            .end();
    });
}
