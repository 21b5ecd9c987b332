import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { isLocked, takeLock } from "../../local/cluster/lock.ts";

/** One run of live suites. Whatever they make anywhere has its name, so that it can be told from the reader's. */
export interface TestRun {
    /** Name, or beginning of the name, of its namespaces, realms, repositories, control groups and packet rules. */
    name: string;
    /** Holds every file of the run; its suites' directory for temporary files. */
    directory: string;
}

/** The run that a thing belongs to, by the beginning of its name. */
export function findRunName(name: string): string | undefined {
    return /^slipway-test-[0-9a-f]{8}(?![0-9a-z])/.exec(name)?.[0];
}

/** A file for each living run. A reboot ends runs, and empties this place. */
const locks = "/run/slipway-tests";

/** The variable by which suites find the run they belong to. */
const variable = "SLIPWAY_TEST_RUN";

/** Begins a run; it lasts until it is released, or this process ends. */
export async function beginRun(): Promise<TestRun & { release: () => Promise<void> }> {
    const name = `slipway-test-${randomBytes(4).toString("hex")}`;
    const directory = join(runsDirectory(), name);
    const unlock = await takeLock(join(locks, name), `test run '${name}'`);
    await mkdir(directory, { mode: 0o700 });
    const release = async () => {
        await unlock();
        // Other runs may go on.
        await rmdir(locks).catch(() => undefined);
    };
    return { name, directory, release };
}

/** Where the directories of all runs are, also of one that a suite starts. */
export function runsDirectory(): string {
    const directory = process.env[variable];
    return directory === undefined ? tmpdir() : dirname(directory);
}

/** What the suites of a run find in their environment. */
export function runEnvironment({ directory }: TestRun): Record<string, string> {
    return { [variable]: directory, TMPDIR: directory };
}

/** The run that this suite belongs to. */
export function testRun(): TestRun {
    const directory = process.env[variable];
    if (directory === undefined) {
        throw new Error(
            `live suites: must be run with names of their own, and ${variable} is not set; run 'npm test -- FILE'`,
        );
    }
    return { name: basename(directory), directory };
}

/** Which of these runs ended without removing what they made: by a power cut, or by SIGKILL. */
export async function listDeadRuns(names: Iterable<string>): Promise<string[]> {
    const dead: string[] = [];
    for (const name of new Set(names)) {
        if (!(await isLocked(join(locks, name)))) dead.push(name);
    }
    return dead;
}

/** Names of the runs that hold or held a lock. */
export async function listLocks(): Promise<string[]> {
    const files = await readdir(locks).catch(() => []);
    return files.filter((file) => findRunName(file) === file);
}

/** Removes the locks that dead runs left. */
export async function removeLocks(names: string[]): Promise<void> {
    for (const name of names) await rm(join(locks, name), { force: true });
}
