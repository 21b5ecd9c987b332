import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";

import { readStartTime } from "./processTime.ts";

/**
 * Runs `body` while no other process holds the lock `file`; waits for one that does and says so.
 *
 * The lock of a process that died is taken over.
 */
export async function withLock<T>(file: string, what: string, body: () => Promise<T>): Promise<T> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    let said = false;
    while (!(await tryLock(file))) {
        const owner = await readFile(file, "utf8").catch(() => "");
        if (await isAlive(owner)) {
            if (!said) console.log(`${what}: process ${owner.split(" ")[0]} works on it, waiting`);
            said = true;
            await setTimeout(500);
        } else if ((await readFile(file, "utf8").catch(() => "")) === owner) {
            await rm(file, { force: true });
        }
    }
    try {
        return await body();
    } finally {
        await rm(file, { force: true });
    }
}

async function tryLock(file: string): Promise<boolean> {
    try {
        const handle = await open(file, "wx", 0o600);
        await handle.writeFile(`${process.pid} ${await readStartTime(process.pid)}`);
        await handle.close();
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        return false;
    }
}

async function isAlive(owner: string): Promise<boolean> {
    const [pid, started] = owner.split(" ");
    // An empty file was made a moment ago, or by a process that died in that moment.
    if (owner === "") {
        await setTimeout(200);
        return false;
    }
    return (await readStartTime(Number(pid))) === started;
}
