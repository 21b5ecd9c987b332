/**
 * Runs the project's checks: `npm run check` (format, lint, imports, types, engine, unit tests), `npm test` (those and everything that
 * needs the platform), or `npm test -- FILE…` (these live suites alone). The last line is the sum of all tests.
 */
import { closeSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { findPulumi } from "../local/providers/findPulumi.ts";
import { installSite } from "../local/providers/installSite.ts";
import { countCheck } from "./testRun/counts.ts";
import type { Counts } from "./testRun/counts.ts";
import { Programs } from "./testRun/programs.ts";
import { makePulumiHome } from "./testRun/pulumiHome.ts";
import { runLive } from "./testRun/runLive.ts";

/** Everything that `.dependency-cruiser.mjs` has rules for. */
const sources = [
    ...["index.ts", "components", "config", "local", "verify", "test", "bench"],
    "images/bridge/src",
];

const unitTests = ["test/**/*.test.ts", "images/*/test/**/*.test.ts"];

/** Processes that share the files of unit tests: one more than there are processors, as many tests wait for programs. */
const unitProcesses = availableParallelism() + 1;

/** Live suites that take the platform's registry or Keycloak away for a moment: nothing runs beside them. */
const aloneTests = ["test/local/mirror*.live.ts", "test/local/keycloak.live.ts"];

/** Live suites in the order they must run: what takes the stack or the platform away comes last. */
const liveTests = [
    "test/local/network.live.ts",
    "test/providers/*.live.ts",
    "test/local/workflows.live.ts",
    "test/live/resourceOptions.live.ts",
    "test/live/manyServers.live.ts",
    "test/live/up.live.ts",
    "test/live/preview.live.ts",
    "test/live/verify.live.ts",
    "test/live/status.live.ts",
    "test/live/clients.live.ts",
    "test/live/secrets.live.ts",
    "test/live/rotate.live.ts",
    "test/live/tokens.live.ts",
    "test/live/issuerFaults.live.ts",
    "test/live/people.live.ts",
    "test/live/routing.live.ts",
    "test/live/attacks.live.ts",
    "test/live/streams.live.ts",
    "test/live/bridged.live.ts",
    "test/live/injection.live.ts",
    "test/live/replicas.live.ts",
    "test/live/conformance.live.ts",
    "test/live/package.live.ts",
    "test/live/servers.live.ts",
    "test/live/change.live.ts",
    "test/live/autoscaling.live.ts",
    "test/live/mistakes.live.ts",
    "test/live/faults.live.ts",
    "test/live/doctor.live.ts",
    "test/local/recovery.live.ts",
    "test/local/failures.live.ts",
    "test/live/destroy.live.ts",
    "test/live/existingCluster.live.ts",
    "test/live/interrupted.live.ts",
    "test/live/neighbour.live.ts",
    "test/local/removal.live.ts",
    "test/local/bareMachine.live.ts",
];

/** Live suites that have a stack or a Keycloak of their own: they run beside the others, which mostly wait. */
const ownTests = [
    "test/live/existingRealm.live.ts",
    "test/live/gatewayKinds.live.ts",
    "test/live/keycloakUpgrade.live.ts",
    "test/live/registration.live.ts",
    "test/live/documents.live.ts",
    "test/live/init.live.ts",
    "test/live/interruptedUp.live.ts",
    "test/live/ownStack.live.ts",
    "test/live/packages.live.ts",
];

// What a caller has set for a stack and a Keycloak of their own is no part of a test.
for (const name of Object.keys(process.env)) {
    if (/^(PULUMI|KEYCLOAK)_/.test(name) && name !== "PULUMI_HOME") delete process.env[name];
}

const scratch = mkdtempSync(join(tmpdir(), "slipway-results-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
process.env["PULUMI_HOME"] = makePulumiHome(scratch);
const programs = new Programs();

/** How a program of node_modules is run. */
interface Ways {
    environment?: Record<string, string>;
    /** An open file for its output. */
    output?: number;
}

/** Runs a program of node_modules on this Node; gives its exit code. */
function run(program: string, args: string[], { environment, output }: Ways = {}) {
    const file = join("node_modules/.bin", program);
    return programs.run(process.execPath, [file, ...args], environment, output);
}

/** Runs one check that is not a test suite. */
function check(title: string, program: string, args: string[]): Promise<Counts> {
    return countCheck(title, async () => (await run(program, args)) === 0);
}

/** Builds the engine where it has to be built: it takes longer than a test may, and many tests would wait for it. */
async function findEngine(): Promise<boolean> {
    await findPulumi(installSite());
    return true;
}

async function mocha(
    name: string,
    patterns: string[],
    args: string[],
    ways: Ways = {},
): Promise<Counts> {
    const files = patterns.flatMap((pattern) => {
        const found = globSync(pattern, { exclude: ["**/node_modules/**"] }).sort();
        if (found.length === 0) throw new Error(`no test file matches '${pattern}'`);
        return found;
    });
    const file = join(scratch, `${name}.json`);
    const reporter = ["--reporter", "test/support/countingReporter.cjs"];
    const code = await run(
        "mocha",
        [...reporter, "--reporter-option", `file=${file}`, ...args, ...files],
        ways,
    );
    try {
        const counts = JSON.parse(readFileSync(file, "utf8")) as Counts;
        // A suite that ends badly without a failed test, such as a broken setup, is a failure all the same.
        return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
    } catch {
        return { passed: 0, failed: 1, skipped: 0 };
    }
}

/**
 * Runs suites against the platform, whose addresses they find in their environment from their first line on. Those
 * beside the first ones print what they have to say when they have ended, so that lines are not mixed.
 */
async function live(files: string[], beside: string[] = []): Promise<Counts[]> {
    const quietly = async (environment: Record<string, string>) => {
        const log = join(scratch, "beside.log");
        const output = openSync(log, "w");
        const counts = await mocha("beside", beside, ["--exit"], { environment, output });
        closeSync(output);
        process.stdout.write(readFileSync(log));
        return counts;
    };
    try {
        return await runLive(programs, [
            (environment) => mocha("live", files, ["--exit"], { environment }),
            ...(beside.length > 0 ? [quietly] : []),
        ]);
    } catch (error) {
        console.error((error as Error).message);
        return [{ passed: 0, failed: 1, skipped: 0 }];
    }
}

const [...wanted] = process.argv.slice(2);
if (wanted.some((argument) => argument === "--help" || argument === "-h")) {
    console.log(
        "usage: npm run check         format, lint, imports, types and unit tests\n" +
            "       npm test              those, and all live suites\n" +
            "       npm test -- FILE…     these live suites alone",
    );
    process.exit(0);
}
const onlyCheck = wanted[0] === "check";
const results: Counts[] = [];
if (onlyCheck || wanted.length === 0) {
    results.push(
        await check("format", "prettier", ["--check", "--log-level", "warn", "."]),
        await check("lint", "eslint", ["."]),
        await check("imports", "depcruise", ["--config", ".dependency-cruiser.mjs", ...sources]),
        await check("types", "tsc", ["-p", "."]),
        await countCheck("Pulumi engine", findEngine),
        await mocha("unit", unitTests, ["--parallel", "--jobs", String(unitProcesses)]),
    );
}
const runs: [suites: string[], beside?: string[]][] =
    wanted.length > 0 ? [[wanted]] : [[aloneTests], [liveTests, ownTests]];
for (const [suites, beside] of onlyCheck ? [] : runs) {
    if (programs.interrupted === undefined) results.push(...(await live(suites, beside)));
}

const sum = (count: keyof Counts) => results.reduce((total, one) => total + one[count], 0);
const skipped = sum("skipped");
console.log(
    `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
process.exitCode = programs.interrupted ?? (sum("failed") + sum("skipped") > 0 ? 1 : 0);
