import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";

import { readStartTime } from "./processTime.ts";

let locks = 0;

/** Runs `body` while holding the lock `file`; see `takeLock`. */
export async function withLock<T>(file: string, what: string, body: () => Promise<T>): Promise<T> {
    const release = await takeLock(file, what);
    try {
        return await body();
    } finally {
        await release();
    }
}

/**
 * Acquires the lock `file` and returns a function that releases it. Prints that it waits when another process holds it.
 *
 * Takes over the lock of a process that has died.
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

/** A link appears together with its content, so that no process reads a lock without an owner. */
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

/** Removes the lock of a dead owner, but not one that another process acquired in the meantime. */
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
