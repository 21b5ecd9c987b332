import { setTimeout as sleep } from "node:timers/promises";

import { readArguments } from "./arguments.ts";
import { openPatient } from "./doctor/patient.ts";
import { canRedraw, showLine } from "./liveLines.ts";
import { runScript } from "./script.ts";
import { renderPage } from "./status/page.ts";
import { readStatus } from "./status/readStatus.ts";
import { targetOptions, targetUsage } from "./target.ts";

const refreshMs = 2000;

await runScript(async () => {
    const { values } = readArguments(`npm run status -- ${targetUsage}`, targetOptions);
    const patient = await openPatient(values);
    const read = async () => {
        const rows = await readStatus(patient);
        if (rows.length > 0) return renderPage(rows);
        const { namespace, commands } = patient;
        throw new Error(`namespace '${namespace}': has no server yet; run '${commands.deploy}'`);
    };
    let page = await read();
    if (!canRedraw()) return console.log(page);
    // Until Ctrl+C.
    showLine(() => `${page}\n${new Date().toLocaleTimeString()}  Ctrl+C ends`);
    for (;;) {
        await sleep(refreshMs);
        page = await read().catch((error: unknown) => `${page}\n✖ ${(error as Error).message}`);
    }
});
