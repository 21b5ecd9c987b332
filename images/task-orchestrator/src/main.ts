import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

import { createApp } from "./http/app.ts";
import { log } from "./log.ts";
import { CallCounter } from "./mcp/callCounter.ts";
import { createFollowingServer } from "./mcp/server.ts";
import { Orchestrator } from "./orchestrator.ts";
import { readSettings, type Settings } from "./settings.ts";
import { DamagedStateError, StateFile } from "./state/stateFile.ts";
import { WriterLock } from "./state/writerLock.ts";

const { settings, problems } = readSettings(process.argv.slice(2), process.env);
if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    process.exit(2);
}
const calls = new CallCounter();
const orchestrator = await openOrchestrator(settings);
if (settings.transport === "stdio") {
    runStdio();
} else {
    await runHttp();
}

/** Opens the tasks; ends the process when their file is damaged, unless it is told to start without them. */
async function openOrchestrator({ stateFile: file, startEmpty }: Settings): Promise<Orchestrator> {
    const stateFile = new StateFile(file);
    const lock = new WriterLock(`${file}.lock`);
    const opened = new Orchestrator(stateFile, lock);
    try {
        await lock.run(() => opened.open());
    } catch (error) {
        if (!(error instanceof DamagedStateError)) throw error;
        log("error", "state_damaged", { reason: error.message, copy: error.copy });
        if (!startEmpty) {
            process.stderr.write(
                `${error.message}; repair it, or set ON_DAMAGED_STATE=empty to start without tasks\n`,
            );
            process.exit(3);
        }
        await lock.run(() => stateFile.startEmpty());
        await opened.open();
    }
    return opened;
}

function runStdio(): void {
    const handle = serveStdio(({ era }) => createFollowingServer(orchestrator, calls, era));
    const stop = async () => {
        await calls.waitForIdle();
        await handle.close();
        orchestrator.close();
        process.exit(0);
    };
    for (const event of ["SIGTERM", "SIGINT"] as const) process.once(event, () => void stop());
    process.stdin.once("end", () => void stop());
}

async function runHttp(): Promise<void> {
    const { port, idleSeconds } = settings;
    const serving = createApp(orchestrator, calls, {
        ...settings,
        sessions: { max: 1000, idleMs: idleSeconds * 1000 },
    });
    const server = createAdaptorServer({ fetch: serving.app.fetch }) as Server;
    server.listen(port);
    await once(server, "listening");
    log("info", "serving", { port, path: settings.path });
    const stop = async () => {
        server.close();
        await calls.waitForIdle();
        // Answers of the last calls are still being sent.
        await sleep(100);
        await serving.close();
        server.closeAllConnections();
        orchestrator.close();
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
}
