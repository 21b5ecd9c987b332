import { existsSync } from "node:fs";
import { join } from "node:path";

import { devStateDirectory, paths } from "../../local/paths.ts";
import { ensurePlatform } from "../../local/platform.ts";
import { countCheck } from "./counts.ts";
import type { Counts } from "./counts.ts";
import { describeChanges, recordPlatform } from "./platformRecord.ts";
import type { Programs } from "./programs.ts";
import { listRemains, removeDeadRuns, removeRemains } from "./remains.ts";
import { beginRun, runEnvironment } from "./testRun.ts";

/** Runs live suites with additional environment variables. */
export type RunSuites = (environment: Record<string, string>) => Promise<Counts>;

/**
 * Starts the platform and runs groups of live suites on it beside each other, each with separate names for everything
 * it creates. Removes that afterwards, even after failures, and checks that everything deployed before is unchanged.
 */
export async function runLive(programs: Programs, groups: RunSuites[]): Promise<Counts[]> {
    const platform = (await ensurePlatform()).environment;
    Object.assign(process.env, platform);
    for (const name of await removeDeadRuns()) console.log(`test run '${name}': removed`);
    const check = await watchDeployed(programs);
    const runs = await Promise.all(groups.map(() => beginRun()));
    programs.holding = true;
    const results: Counts[] = [];
    try {
        const ran = groups.map((suites, index) =>
            suites({ ...platform, ...runEnvironment(runs[index]!) }),
        );
        // One that cannot run must not have the names of the other removed while that runs.
        await Promise.allSettled(ran);
        results.push(...(await Promise.all(ran)));
    } finally {
        const whole = results.every(({ failed }) => failed === 0);
        results.push(
            await countCheck("nothing is left of what the tests made", async () => {
                // Interrupted suites may have stopped a part of the platform.
                if (!whole) await ensurePlatform();
                const left: string[] = [];
                for (const run of runs) {
                    await removeRemains(run.name);
                    await run.release();
                    left.push(...(await listRemains(run.name)));
                }
                if (left.length > 0) console.error(`is left: ${left.join(", ")}`);
                return left.length === 0;
            }),
            await countCheck("what was deployed before is as it was", check),
        );
        programs.holding = false;
    }
    return results;
}

/** Records everything that is deployed. Returns a function that checks that it is unchanged and still works. */
async function watchDeployed(programs: Programs): Promise<() => Promise<boolean>> {
    const { stacks } = paths;
    const verify = async () => (await programs.run("npm", ["run", "--silent", "verify"])) === 0;
    const verified = existsSync(join(devStateDirectory(), "state")) && (await verify());
    const before = await recordPlatform({ stacks });
    return async () => {
        const changes = describeChanges(before, await recordPlatform({ stacks }));
        for (const change of changes) console.error(`while the tests ran: ${change}`);
        const works = !verified || programs.interrupted !== undefined || (await verify());
        return changes.length === 0 && works;
    };
}
