import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suiteProgram, type Revision } from "./requirements.ts";

/** One thing a scenario looked at. */
export interface Check {
    id: string;
    status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
    errorMessage?: string;
}

/** What came out of a run of the suite. */
export interface ConformanceReport {
    /** What each scenario checked, by its name; scenarios that are not scored too. */
    checks: Map<string, Check[]>;
    /** Whether no required scenario failed or warned, as the suite itself judges. */
    passed: boolean;
    /** All that the suite printed, and what it wrote of failed checks. */
    output: string;
}

const expectedFailures = fileURLToPath(new URL("expected-failures.yaml", import.meta.url));

/** Longest a scenario may take, in milliseconds. */
const scenarioTimeout = 12_000;

/**
 * Runs the suite's scenarios for servers at a revision, the required ones and those it only reports, against an endpoint. It has to be
 * at `localhost`, `127.0.0.1` or `[::1]`, because one scenario is about names that lead there.
 */
export async function runConformance(url: string, revision: Revision): Promise<ConformanceReport> {
    const results = mkdtempSync(join(tmpdir(), "slipway-conformance-"));
    try {
        const { code, output } = await run(
            [suiteProgram, "server", "--url", url, "--requirements", revision].concat(
                ["--timeout", String(scenarioTimeout), "--output-dir", results],
                ["--expected-failures", expectedFailures],
            ),
        );
        const checks = readChecks(results);
        return { checks, passed: code === 0, output: output + describeFailures(checks) };
    } finally {
        rmSync(results, { recursive: true });
    }
}

function run(args: string[]): Promise<{ code: number | null; output: string }> {
    const suite = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [suite.stdout, suite.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    return new Promise((resolve, reject) => {
        suite.once("error", reject).once("close", (code) => resolve({ code, output }));
    });
}

function describeFailures(checks: Map<string, Check[]>): string {
    return [...checks]
        .flatMap(([scenario, found]) =>
            found
                .filter(({ status }) => status === "FAILURE")
                .map(({ id, errorMessage }) => `${scenario}: ${id}: ${errorMessage}\n`),
        )
        .join("");
}

/** The suite writes a directory for each scenario, named `server-<scenario>-<time>`. */
function readChecks(results: string): Map<string, Check[]> {
    const checks = new Map<string, Check[]>();
    for (const directory of readdirSync(results)) {
        const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(directory)?.[1];
        const file = join(results, directory, "checks.json");
        // A scenario that the suite gave up has a directory without checks.
        if (scenario !== undefined && existsSync(file)) {
            checks.set(scenario, JSON.parse(readFileSync(file, "utf8")) as Check[]);
        }
    }
    return checks;
}
