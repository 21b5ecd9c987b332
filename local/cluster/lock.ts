import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";

import { readStartTime } from "./processTime.ts";

let locks = 0;

/** Runs `body` while no other process holds the lock `file`; see `takeLock`. */
export async function withLock<T>(file: string, what: string, body: () => Promise<T>): Promise<T> {
    const release = await takeLock(file, what);
    try {
        return await body();
    } finally {
        await release();
    }
}

/**
 * Takes the lock `file` and gives what releases it; waits for a process that holds it and says so.
 *
 * The lock of a process that died, however it died, is taken over.
 */
export async function takeLock(file: string, what: string): Promise<() => Promise<void>> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const claim = `${file}.${process.pid}.${locks++}`;
    await writeFile(claim, `${process.pid} ${await readStartTime(process.pid)}`, { mode: 0o600 });
    try {
        for (let said = false; !(await tryLock(claim, file)); said = true) {
            const owner = await readFile(file, "utf8").catch(() => undefined);
            if (owner === undefined) continue;
            if (!(await isAlive(owner))) await dropLock(file, owner);
            else {
                const [pid] = owner.split(" ");
                if (!said) console.log(`${what}: process ${pid} works on it, waiting for its end`);
                await setTimeout(500);
            }
        }
    } finally {
        await rm(claim, { force: true });
    }
    return () => rm(file, { force: true });
}

/** Whether a living process holds the lock `file`. */
export async function isLocked(file: string): Promise<boolean> {
    const owner = await readFile(file, "utf8").catch(() => undefined);
    return owner !== undefined && (await isAlive(owner));
}

/** A link appears with its text or not at all, so that nobody reads a lock without an owner. */
async function tryLock(claim: string, file: string): Promise<boolean> {
    try {
        await link(claim, file);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        return false;
    }
}

async function isAlive(owner: string): Promise<boolean> {
    const [pid, started] = owner.split(" ");
    return started !== undefined && (await readStartTime(Number(pid))) === started;
}

/** Removes a dead owner's lock, but never the one that somebody took in the meantime. */
async function dropLock(file: string, owner: string): Promise<void> {
    const taken = `${file}.${process.pid}.${locks++}`;
    try {
        await rename(file, taken);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
        throw error;
    }
    if ((await readFile(taken, "utf8")) !== owner) await link(taken, file).catch(() => undefined);
    await rm(taken, { force: true });
}
