import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withLock } from "../../local/cluster/lock.ts";
import { readStartTime } from "../../local/cluster/processTime.ts";
import { waitFor } from "../../local/cluster/run.ts";

describe("withLock", () => {
    let directory: string;
    let file: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-lock-"));
        file = join(directory, "lock");
    });

    afterEach(() => rm(directory, { recursive: true }));

    it("runs one body at a time, and leaves no files", async () => {
        let running = 0;
        const body = async () => {
            assert.equal(++running, 1);
            await new Promise((resolve) => setTimeout(resolve, 20));
            running--;
        };
        await Promise.all(Array.from({ length: 4 }, () => withLock(file, "test", body)));
        assert.deepEqual(await readdir(directory), []);
    });

    it("releases the lock after a failure", async () => {
        const failing = withLock(file, "test", () => Promise.reject(new Error("broken")));
        await assert.rejects(failing, /broken/);
        assert.equal(await withLock(file, "test", () => Promise.resolve("in")), "in");
    });

    it("waits for a living process", async () => {
        const owner = spawn("sleep", ["60"]);
        await waitFor("the owner", 5, () => readStartTime(owner.pid!));
        await writeFile(file, `${owner.pid} ${await readStartTime(owner.pid!)}`);
        let entered = false;
        const waiting = withLock(file, "test", () => Promise.resolve((entered = true)));
        await new Promise((resolve) => setTimeout(resolve, 700));
        assert.equal(entered, false);
        owner.kill("SIGKILL");
        assert.equal(await waiting, true);
    });

    for (const [what, owner] of [
        ["of a process that died", "999999999 boot/1"],
        ["whose process id another process has now", `${process.pid} boot/1`],
        ["that is empty", ""],
    ] as const) {
        it(`takes over a lock ${what}`, async () => {
            await writeFile(file, owner);
            const inside = () => readFile(file, "utf8");
            assert.match(await withLock(file, "test", inside), new RegExp(`^${process.pid} `));
        });
    }
});
