import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as fs from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

import { StateFile, type FileSystem } from "../src/state/stateFile.ts";
import { emptyState, stateSchema, type State } from "../src/tasks/task.ts";
import { addTasks } from "../src/tasks/transitions.ts";
import { makeStateDirectory, program, spawnOrchestrator } from "./startOrchestrator.ts";

const now = "2026-01-01T00:00:00.000Z";
const withTasks = (state: State, count: number): State => {
    const task = { description: "", priority: "low" as const, max_attempts: 1, failures: 0 };
    const tasks = Array.from({ length: count }, (_, index) => ({ ...task, name: `${index}` }));
    return { ...addTasks(state, tasks, now).state, revision: state.revision + 1 };
};

/** A file system that stops at its step `last`: a write by then is half done. */
function stopAt(last: number): { system: FileSystem; steps: () => number } {
    let step = 0;
    const count = () => {
        step += 1;
        if (step === last) throw new Error("stopped");
    };
    const open = (async (...args: Parameters<typeof fs.open>) => {
        count();
        const handle = await fs.open(...args);
        return {
            writeFile: async (text: string) => {
                step += 1;
                if (step === last) {
                    await handle.writeFile(text.slice(0, text.length / 2));
                    throw new Error("stopped");
                }
                await handle.writeFile(text);
            },
            sync: async () => {
                count();
                await handle.sync();
            },
            close: () => handle.close(),
        } as unknown as FileHandle;
    }) as typeof fs.open;
    const rename: typeof fs.rename = async (...args) => {
        count();
        await fs.rename(...args);
    };
    return { system: { ...fs, open, rename }, steps: () => step };
}

describe("StateFile", () => {
    it("holds the state before or after a change, wherever a write stops", async () => {
        const before = withTasks(emptyState, 5);
        const after = withTasks(before, 500);
        const counted = stopAt(-1);
        const { stateFile, remove } = makeStateDirectory();
        await new StateFile(stateFile, counted.system).write(before);
        assert.ok(counted.steps() >= 6);
        for (let last = 1; last <= counted.steps(); last += 1) {
            await new StateFile(stateFile).write(before);
            const broken = new StateFile(stateFile, stopAt(last).system);
            await assert.rejects(broken.write(after), /stopped/);
            const found = await new StateFile(stateFile).read();
            assert.deepEqual(found, found.revision === before.revision ? before : after);
            await new StateFile(stateFile).write(after);
            assert.deepEqual(await new StateFile(stateFile).read(), after);
        }
        remove();
    });

    it("has no task before it is written for the first time", async () => {
        const { stateFile, remove } = makeStateDirectory();
        assert.deepEqual(await new StateFile(stateFile).read(), emptyState);
        remove();
    });
});

describe("task-orchestrator, killed at any moment", function () {
    this.timeout(120_000);

    it("has every confirmed change, and no half of a batch, when it is started again", async () => {
        const { stateFile, remove } = makeStateDirectory();
        let confirmed = 0;
        for (let round = 0; round < 12; round += 1) {
            confirmed = Math.max(confirmed, await addUntilKilled(stateFile, 20 + 13 * round));
            if (!existsSync(stateFile)) continue;
            const state = stateSchema.parse(JSON.parse(readFileSync(stateFile, "utf8")));
            assert.equal(state.tasks.length % 3, 0);
            assert.ok(state.tasks.length >= 3 * confirmed, `${state.tasks.length} of ${confirmed}`);
            confirmed = state.tasks.length / 3;
        }
        assert.ok(confirmed > 20, String(confirmed));
        remove();
    });
});

/** Adds batches of three over stdio and kills the process; gives how many batches the file surely has. */
async function addUntilKilled(stateFile: string, delayMs: number): Promise<number> {
    const child = spawnOrchestrator({ STATE_FILE: stateFile }, ["stdio"]);
    child.stdin.on("error", () => undefined);
    const send = (message: object) =>
        child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const batch = { tasks: [{ name: "a" }, { name: "b" }, { name: "c" }] };
    const params = { name: "add_tasks_batch", arguments: batch };
    const add = (id: number) => send({ id, method: "tools/call", params });
    send({
        id: 0,
        method: "initialize",
        params: {
            protocolVersion: "2025-11-25",
            capabilities: {},
            clientInfo: { name: "test", version: "1" },
        },
    });
    let batches = 0;
    for await (const line of createInterface({ input: child.stdout })) {
        const { id, result } = JSON.parse(line) as {
            id?: number;
            result?: { structuredContent?: { tasks: { id: string }[] } };
        };
        if (id === undefined) continue;
        if (id === 0) setTimeout(() => child.kill("SIGKILL"), delayMs);
        // Ids are counted without gaps, so that the last one counts the batches.
        const last = result?.structuredContent?.tasks.at(-1)?.id;
        if (last !== undefined) batches = Number(last) / 3;
        add(id + 1);
    }
    if (child.signalCode === null && child.exitCode === null) await once(child, "exit");
    return batches;
}

describe("task-orchestrator with a damaged state file", () => {
    const damages: [string, string, RegExp][] = [
        ["cut off", '{ "version": 1, "tas', /JSON/],
        ["empty", "", /JSON/],
        ["of another version", '{ "version": 2 }', /version/],
        [
            "with a bad task",
            JSON.stringify({ ...withTasks(emptyState, 1), tasks: [{ id: "1" }] }),
            /tasks\[0\]/,
        ],
    ];
    for (const [name, text, reason] of damages) {
        it(`does not start when the file is ${name}: it keeps the file, and a copy aside`, () => {
            const { stateFile, remove } = makeStateDirectory();
            writeFileSync(stateFile, text);
            for (const attempt of [1, 2]) {
                const { status, stderr } = run(stateFile);
                assert.equal(status, 3, `${attempt}: ${stderr}`);
                assert.match(stderr, reason);
                assert.match(stderr, /set ON_DAMAGED_STATE=empty to start without tasks/);
            }
            assert.equal(readFileSync(stateFile, "utf8"), text);
            assert.equal(listCopies(stateFile).length, 1);
            remove();
        });
    }

    it("starts without tasks when it is told to, and keeps the copy", () => {
        const { stateFile, remove } = makeStateDirectory();
        writeFileSync(stateFile, "{");
        const { status, stderr } = run(stateFile, { ON_DAMAGED_STATE: "empty" });
        assert.equal(status, 0, stderr);
        assert.match(stderr, /state_damaged/);
        assert.deepEqual(JSON.parse(readFileSync(stateFile, "utf8")), emptyState);
        assert.deepEqual(
            listCopies(stateFile).map((copy) => readFileSync(copy, "utf8")),
            ["{"],
        );
        remove();
    });
});

/** Runs the server over stdio, whose input ends at once. */
function run(stateFile: string, environment: Record<string, string> = {}) {
    return spawnSync(process.execPath, [program, "stdio"], {
        env: { ...process.env, STATE_FILE: stateFile, ...environment },
        input: "",
        encoding: "utf8",
    });
}

function listCopies(stateFile: string): string[] {
    return readdirSync(dirname(stateFile))
        .filter((name) => name.includes(".damaged-"))
        .map((name) => `${dirname(stateFile)}/${name}`);
}
