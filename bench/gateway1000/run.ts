import { writeFileSync } from "node:fs";

import { median, type ResultRow, round3 } from "../figures.ts";
import { describeMachine } from "../machine.ts";
import { printFigures, printRows } from "../printResult.ts";
import { bars, type FigureName, resultFile } from "./bars.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { measureBytes, measureCalls, measureDns, measureMemory, measureReload } from "./measure.ts";

const servers = 1000;
const streams = 200;
const rounds = 5;

/** Measures NGINX with 1,000 servers on loopback; gives the exit code. */
export async function run(args: string[]): Promise<number> {
    if (args.length > 0) {
        console.error("usage: npm run bench -- gateway1000");
        return 2;
    }
    const gateway = await startGateway(servers);
    try {
        const { rows, ratios } = await measure(gateway);
        printRows(rows);
        console.log("");
        const unmet = printFigures(bars, ratios, true);
        const result = {
            date: new Date().toISOString().slice(0, 10),
            machine: describeMachine(),
            versions: { nginx: "1.31.3", node: process.versions.node },
            rows,
            ratios,
        };
        writeFileSync(resultFile, `${JSON.stringify(result, undefined, 4)}\n`);
        console.log("written: bench/results/gateway1000.json");
        return unmet === 0 ? 0 : 1;
    } finally {
        await gateway.close();
    }
}

async function measure(gateway: Gateway) {
    const rows: ResultRow[] = [];
    const add = (name: string, cell: string, figures: Record<string, number>) => {
        const rounded = Object.entries(figures).map(([key, value]) => [key, round3(value)]);
        rows.push({ name, cell, ...(Object.fromEntries(rounded) as Record<string, number>) });
    };
    const bytesPerServer = Math.round(measureBytes(gateway, servers));
    const quotients: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
        const [first = NaN, last = NaN] = await measureCalls(gateway, [0, servers - 1], 1000);
        quotients.push(last / first);
        add("calls", `round ${round}`, { firstP50Ms: first, lastP50Ms: last });
    }
    const dnsPerSecond = await measureDns(gateway, 36);
    const rssMb = await measureMemory(gateway);
    const seconds: number[] = [];
    let cut = 0;
    for (let round = 1; round <= rounds; round += 1) {
        const reload = await measureReload(gateway, servers + round - 1, streams);
        seconds.push(reload.seconds);
        cut += reload.cut;
        add("reload", `round ${round}, ${streams} streams`, reload);
    }
    add("memory", "after reloads", { rssMb: await measureMemory(gateway) });
    const ratios: Record<FigureName, number> = {
        bytesPerServer,
        p50LastVsFirst: round3(median(quotients)),
        rssMb: round3(rssMb),
        dnsPerSecond: round3(dnsPerSecond),
        reloadSeconds: round3(median(seconds)),
        streamsCutByAddedServer: cut,
    };
    return { rows, ratios };
}
