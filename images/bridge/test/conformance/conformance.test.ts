import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { requiredScenarios, type Revision } from "./requirements.ts";
import { runConformance, type Check, type ConformanceReport } from "./runConformance.ts";
import { startServed, type Fixture, type Served } from "./startServed.ts";
import { warmUp } from "./warmUp.ts";

const scenarioCounts: Record<Revision, number> = { "2025-11-25": 30, "2026-07-28": 37 };

/** Scenarios the suite runs without scoring them, because its own server fails them. The bridge does not. */
const unscored: Record<Revision, string[]> = {
    "2025-11-25": ["server-session-lifecycle", "json-schema-2020-12"],
    "2026-07-28": [
        "json-schema-2020-12",
        "http-header-validation",
        "http-custom-header-server-validation",
    ],
};

function describeFault({ id, status, errorMessage }: Check): string {
    return `${status} ${id}: ${errorMessage ?? "without a reason"}`;
}

/** Every failure and warning of a scenario. */
function findFaults(checks: Check[]): string[] {
    return checks
        .filter(({ status }) => status === "FAILURE" || status === "WARNING")
        .map(describeFault);
}

/**
 * @param exceptions scenarios that this pair of revisions has nothing to offer for
 */
function describeConformance(
    fixture: Fixture,
    revision: Revision,
    exceptions: string[] = [],
): void {
    describe(`${fixture} behind the bridge, by the official suite's ${revision} requirements`, function () {
        this.timeout(180_000);
        let served: Served;
        let report: ConformanceReport;
        const scenarios = requiredScenarios(revision);

        before(async () => {
            served = await startServed(fixture);
            await warmUp(served.url);
            report = await runConformance(served.url, revision);
        });
        after(() => served.stop());

        it(`is held to ${scenarioCounts[revision]} scenarios`, () => {
            assert.equal(scenarios.length, scenarioCounts[revision]);
            assert.deepEqual(
                scenarios.filter((scenario) => !report.checks.has(scenario)),
                [],
                report.output,
            );
        });

        const tested = [...scenarios, ...unscored[revision]];
        for (const scenario of tested.filter((name) => !exceptions.includes(name))) {
            it(scenario, () => {
                const checks = report.checks.get(scenario) ?? [];
                assert.deepEqual(findFaults(checks), []);
                assert.ok(checks.some(({ status }) => status === "SUCCESS"));
            });
        }

        if (exceptions.length === 0) {
            it("expects no failures", () => {
                assert.ok(report.passed, report.output.slice(-2000));
            });
        }
    });
}

describe("the list of failures the suite is told to expect", () => {
    it("is empty", () => {
        const file = new URL("expected-failures.yaml", import.meta.url);
        assert.deepEqual(parse(readFileSync(file, "utf8")), { server: [], client: [] });
    });
});

for (const fixture of ["legacyServer", "dualServer"] as const) {
    for (const revision of ["2025-11-25", "2026-07-28"] as const) {
        describeConformance(fixture, revision);
    }
}
describeConformance("modernServer", "2026-07-28");
describeConformance("modernServer", "2025-11-25", [
    "logging-set-level",
    "tools-call-with-logging",
    "resources-subscribe",
    "resources-unsubscribe",
]);
