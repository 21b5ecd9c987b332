import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { isLocked, takeLock } from "../../local/cluster/lock.ts";

/** One run of live suites. Everything they create has its name, which distinguishes it from the user's objects. */
export interface TestRun {
    /** Name or name prefix of its namespaces, realms, repositories, control groups and packet rules. */
    name: string;
    /** Directory of all files of the run, and TMPDIR of its suites. */
    directory: string;
}

/** The run of an object, by the prefix of its name. */
export function findRunName(name: string): string | undefined {
    return /^slipway-test-[0-9a-f]{8}(?![0-9a-z])/.exec(name)?.[0];
}

/** Directory with a file per living run. A reboot ends runs and empties it. */
const locks = "/run/slipway-tests";

/** Variable by which suites find their run. */
const variable = "SLIPWAY_TEST_RUN";

/** Begins a run. It lasts until it is released or this process ends. */
export async function beginRun(): Promise<TestRun & { release: () => Promise<void> }> {
    const name = `slipway-test-${randomBytes(4).toString("hex")}`;
    const directory = join(runsDirectory(), name);
    const unlock = await takeLock(join(locks, name), `test run '${name}'`);
    await mkdir(directory, { mode: 0o700 });
    const release = async () => {
        await unlock();
        // The directory stays while other runs use it.
        await rmdir(locks).catch(() => undefined);
    };
    return { name, directory, release };
}

/** Directory of all runs, including those started by a suite. */
export function runsDirectory(): string {
    const directory = process.env[variable];
    return directory === undefined ? tmpdir() : dirname(directory);
}

/** Environment of the suites of a run. */
export function runEnvironment({ directory }: TestRun): Record<string, string> {
    return { [variable]: directory, TMPDIR: directory };
}

/** The run of this suite. */
export function testRun(): TestRun {
    const directory = process.env[variable];
    if (directory === undefined) {
        throw new Error(
            `live suites: must be run with names of their own, and ${variable} is not set; run 'npm test -- FILE'`,
        );
    }
    return { name: basename(directory), directory };
}

/** Selects the runs that ended without cleanup, by a power cut or by SIGKILL. */
export async function listDeadRuns(names: Iterable<string>): Promise<string[]> {
    const dead: string[] = [];
    for (const name of new Set(names)) {
        if (!(await isLocked(join(locks, name)))) dead.push(name);
    }
    return dead;
}

/** Names of all runs with a lock file. */
export async function listLocks(): Promise<string[]> {
    const files = await readdir(locks).catch(() => []);
    return files.filter((file) => findRunName(file) === file);
}

/** Removes the locks of dead runs. */
export async function removeLocks(names: string[]): Promise<void> {
    for (const name of names) await rm(join(locks, name), { force: true });
}
