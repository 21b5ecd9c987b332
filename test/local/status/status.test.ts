import assert from "node:assert/strict";

import { findInFlight } from "../../../local/status/inFlight.ts";
import { renderPage } from "../../../local/status/page.ts";
import { describeServers } from "../../../local/status/serverRows.ts";
import { evaluateOnTerminal } from "../screen.ts";

const now = Date.parse("2026-11-01T12:00:00Z");
const labels = (server: string, component = "server") => ({
    "app.kubernetes.io/name": server,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "slipway",
});
const deployment = (server: string, ready: number, wanted: number, component?: string) => ({
    metadata: { name: `${server}-pods`, labels: labels(server, component) },
    spec: { replicas: wanted },
    status: { readyReplicas: ready },
});
const pod = (server: string, at: number, isReady: boolean, more: object = {}) => ({
    metadata: { name: `${server}-${at}`, labels: labels(server), ...more },
    status: {
        phase: "Running",
        conditions: [
            {
                type: "Ready",
                status: isReady ? "True" : "False",
                reason: "ContainersNotReady",
                lastTransitionTime: "2026-11-01T11:55:00Z",
            },
        ],
        containerStatuses: [{ restartCount: at, state: {} }],
    },
});
const unhealthy = (name: string, message: string, lastTimestamp: string) => ({
    reason: "Unhealthy",
    message,
    lastTimestamp,
    involvedObject: { name },
});

describe("status", () => {
    it("sums up the pods of each server, and those of nothing else", () => {
        const rows = describeServers(
            {
                owners: [
                    deployment("weather", 1, 2),
                    deployment("fetch", 2, 2),
                    deployment("idle", 0, 1),
                    deployment("gateway", 1, 1, "gateway"),
                ],
                pods: [
                    pod("fetch", 1, true),
                    pod("fetch", 2, true),
                    // Being removed, and evicted.
                    pod("fetch", 8, false, { deletionTimestamp: "2026-11-01T11:59:00Z" }),
                    { ...pod("fetch", 9, false), status: { phase: "Failed" } },
                    pod("weather", 1, true),
                    pod("weather", 2, false),
                ],
                events: [
                    unhealthy("weather-2", "Readiness probe failed: 503\n", "2026-11-01T11:59:00Z"),
                    unhealthy("weather-2", "Startup probe failed: 500", "2026-11-01T11:50:00Z"),
                    unhealthy("fetch-1", "Startup probe failed: 500", "2026-11-01T11:50:00Z"),
                ],
            },
            new Map([
                ["fetch-1", 3],
                ["fetch-2", 4],
                ["weather-1", undefined],
            ]),
            now,
        );
        assert.equal(
            renderPage(rows),
            [
                "SERVER   READY  IN FLIGHT  RESTARTS  PROBE",
                "fetch    2/2    7          3         ok for 5 min",
                "idle     0/1    –          0         no pod",
                "weather  1/2    –          3         weather-2: Readiness probe failed: 503",
            ].join("\n"),
        );
    });

    it("says why a pod is not ready whose checks have not begun", () => {
        const starting = pod("a", 0, false);
        starting.status.containerStatuses[0]!.state = { waiting: { reason: "ImagePullBackOff" } };
        const evidence = { owners: [deployment("a", 0, 1)], pods: [starting], events: [] };
        assert.equal(describeServers(evidence, new Map(), now)[0]!.probe, "a-0: ImagePullBackOff");
    });

    it("reads calls in flight from the metrics of a bridge, and from nothing else", () => {
        const metrics =
            "# HELP mcp_requests_in_flight Requests.\nmcp_requests_in_flight 12\nother 3\n";
        assert.equal(findInFlight(metrics), 12);
        assert.equal(findInFlight('mcp_requests_in_flight{server="a"} 2\n'), 2);
        assert.equal(findInFlight("mcp_requests_in_flight_total 12\n"), undefined);
        assert.equal(findInFlight(""), undefined);
    });

    it("redraws a page of several lines in place, cut to the terminal's width", async () => {
        const screens = await evaluateOnTerminal(`
            const { showLine } = await load("liveLines.ts");
            let page = "SERVER  READY\\na       0/1\\n" + "x".repeat(70);
            showLine(() => page);
            await pause(100);
            mark();
            page = "SERVER  READY\\na       1/1";
            await pause(1300);
            mark();
            process.exit();
        `);
        assert.deepEqual(screens[0], ["SERVER  READY", "a       0/1", `${"x".repeat(58)}…`]);
        assert.deepEqual(screens[1], ["SERVER  READY", "a       1/1"]);
    });
});
