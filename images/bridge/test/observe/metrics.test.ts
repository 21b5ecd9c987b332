import assert from "node:assert/strict";
import fc from "fast-check";
import { outcomes } from "../../src/calls/callRecord.ts";
import { createMetrics, type MetricsOptions } from "../../src/observe/metrics.ts";
import { readExposition, type Sample } from "./support/readExposition.ts";
import { createRecord } from "./support/records.ts";

const gauges = { inFlight: 3, sessions: 7, parked: 2, children: { shared: 1, leased: 4, warm: 5 } };

function start(options: Partial<MetricsOptions> = {}) {
    const metrics = createMetrics({
        server: "fetch",
        version: "1.2.3",
        gauges: () => gauges,
        ...options,
    });
    const read = async (): Promise<Sample[]> => readExposition((await metrics.read()).text);
    const toolCalls = async (): Promise<Sample[]> =>
        (await read()).filter(({ name }) => name === "mcp_tool_calls_total");
    return { metrics, read, toolCalls };
}

describe("metrics", () => {
    it("counts tool calls by tool and outcome", async () => {
        const { metrics, toolCalls } = start({ isTool: () => true });
        metrics.recordCall(createRecord(), "ok", 0.1);
        metrics.recordCall(createRecord(), "ok", 0.1);
        metrics.recordCall(createRecord(), "tool_error", 0.1);
        metrics.recordCall(createRecord({ method: "tools/list", name: undefined }), "ok", 0.1);
        assert.deepEqual(await toolCalls(), [
            {
                name: "mcp_tool_calls_total",
                labels: { server: "fetch", tool: "echo", outcome: "ok" },
                value: 2,
            },
            {
                name: "mcp_tool_calls_total",
                labels: { server: "fetch", tool: "echo", outcome: "tool_error" },
                value: 1,
            },
        ]);
    });

    it("counts every call, however many came between two scrapes", async () => {
        const { metrics, toolCalls } = start({ isTool: () => true });
        let calls = 0;
        for (const more of [150, 1, 64]) {
            for (let call = 0; call < more; call++) {
                metrics.recordCall(createRecord(), "ok", 0.1);
            }
            calls += more;
            assert.deepEqual(
                (await toolCalls()).map(({ value }) => value),
                [calls],
            );
        }
    });

    it("measures requests by method and era", async () => {
        const { metrics, read } = start();
        metrics.recordCall(createRecord({ era: "modern" }), "ok", 0.004);
        metrics.recordCall(createRecord({ era: "modern" }), "error", 0.3);
        const samples = await read();
        const labels = { server: "fetch", method: "tools/call", era: "modern" };
        const at = (name: string, le?: string): number | undefined =>
            samples.find(
                (sample) =>
                    sample.name === `mcp_request_duration_seconds_${name}` &&
                    sample.labels.le === le &&
                    sample.labels.method === labels.method &&
                    sample.labels.era === labels.era &&
                    sample.labels.server === labels.server,
            )?.value;
        assert.equal(at("bucket", "0.002"), 0);
        assert.equal(at("bucket", "0.005"), 1);
        assert.equal(at("bucket", "0.2"), 1);
        assert.equal(at("bucket", "0.5"), 2);
        assert.equal(at("count"), 2);
        assert.equal(at("sum"), 0.304);
    });

    it("reads the bridge once a scrape", async () => {
        let reads = 0;
        const { read } = start({
            gauges: () => {
                reads++;
                return gauges;
            },
        });
        const samples = await read();
        assert.equal(reads, 1);
        const value = (name: string, state?: string): number | undefined =>
            samples.find((sample) => sample.name === name && sample.labels.state === state)?.value;
        assert.equal(value("mcp_requests_in_flight"), 3);
        assert.equal(value("mcp_sessions"), 7);
        assert.equal(value("mcp_parked_calls"), 2);
        assert.equal(value("mcp_children", "shared"), 1);
        assert.equal(value("mcp_children", "leased"), 4);
        assert.equal(value("mcp_children", "warm"), 5);
    });

    it("counts refusals, restarts and dropped messages", async () => {
        const { metrics, read } = start();
        const before = await read();
        assert.equal(
            before.find(({ name }) => name === "mcp_child_restarts_total")?.value,
            0,
            "a counter that begins with the first restart would hide that restart",
        );
        metrics.recordRefusal("host");
        metrics.recordRefusal("host");
        metrics.recordRefusal("sessions");
        metrics.recordDropped("progress");
        metrics.recordRestart();
        const counts = (await read())
            .filter(({ name }) => /refusals|dropped|restarts/.test(name))
            .map(({ name, labels, value }) => [name, labels.reason ?? labels.kind, value]);
        assert.deepEqual(counts, [
            ["mcp_child_restarts_total", undefined, 1],
            ["mcp_refusals_total", "host", 2],
            ["mcp_refusals_total", "sessions", 1],
            ["mcp_dropped_messages_total", "progress", 1],
        ]);
    });

    it("tells of the process and of its build", async () => {
        const { read } = start();
        const samples = await read();
        const find = (name: string) => samples.find((sample) => sample.name === name);
        assert.deepEqual(find("mcp_bridge_build_info"), {
            name: "mcp_bridge_build_info",
            labels: { server: "fetch", version: "1.2.3", node: process.versions.node },
            value: 1,
        });
        const own = process.memoryUsage.rss();
        assert.ok(Math.abs((find("process_resident_memory_bytes")?.value ?? 0) / own - 1) < 0.5);
        assert.ok((find("process_cpu_seconds_total")?.value ?? 0) > 0);
        assert.ok((find("nodejs_eventloop_active_seconds_total")?.value ?? 0) > 0);
        assert.ok((find("nodejs_eventloop_lag_seconds")?.value ?? -1) >= 0);
        assert.ok((find("process_start_time_seconds")?.value ?? 0) > 1.7e9);
        const again = (await read()).find(({ name }) => name === "process_cpu_seconds_total");
        assert.ok((again?.value ?? 0) >= (find("process_cpu_seconds_total")?.value ?? 0));
        const { user, system } = process.cpuUsage();
        assert.ok((again?.value ?? 0) <= (user + system) / 1e6);
    });

    it("keeps no timer", () => {
        const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
        start();
        const after = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
        assert.equal(after, before);
    });

    it("gives no series to names that are no tool's", async () => {
        const { metrics, toolCalls } = start({ isTool: (name) => name === "echo" });
        for (let call = 0; call < 1000; call++) {
            for (const outcome of outcomes) {
                metrics.recordCall(createRecord({ name: `guess-${call}` }), outcome, 0.1);
            }
        }
        metrics.recordCall(createRecord({ name: undefined }), "error", 0.1);
        metrics.recordCall(createRecord(), "ok", 0.1);
        const samples = await toolCalls();
        const tools = new Set(samples.map(({ labels }) => labels.tool));
        assert.deepEqual([...tools], ["other", "echo"]);
        assert.equal(
            samples.find(({ labels }) => labels.tool === "other" && labels.outcome === "error")
                ?.value,
            1001,
        );
    });

    it("takes a name for a tool's after a success while the tools are not known", async () => {
        const { metrics, toolCalls } = start();
        metrics.recordCall(createRecord({ name: "guess" }), "tool_error", 0.1);
        metrics.recordCall(createRecord({ name: "guess" }), "error", 0.1);
        metrics.recordCall(createRecord({ name: "asks" }), "input_required", 0.1);
        metrics.recordCall(createRecord(), "ok", 0.1);
        metrics.recordCall(createRecord(), "tool_error", 0.1);
        const labels = (await toolCalls()).map(({ labels }) => `${labels.tool} ${labels.outcome}`);
        assert.deepEqual(labels, [
            "other tool_error",
            "other error",
            "asks input_required",
            "echo ok",
            "echo tool_error",
        ]);
    });

    it("gives series to 200 tools at most, and to none with an overlong name", async () => {
        const { metrics, toolCalls } = start({ isTool: () => true });
        metrics.recordCall(createRecord({ name: "x".repeat(129) }), "ok", 0.1);
        for (let tool = 0; tool < 500; tool++) {
            metrics.recordCall(createRecord({ name: `tool-${tool}` }), "ok", 0.1);
        }
        const samples = await toolCalls();
        assert.equal(samples.length, 201);
        assert.ok(samples.every(({ labels }) => (labels.tool ?? "").length <= 128));
        const rest = samples.find(({ labels }) => labels.tool === "other");
        assert.equal(rest?.value, 301);
    });

    it("gives no series to methods no revision knows", async () => {
        const { metrics, read } = start();
        for (let call = 0; call < 100; call++) {
            metrics.recordCall(createRecord({ method: `guess/${call}` }), "error", 0.1);
        }
        metrics.recordCall(createRecord({ method: "resources/read" }), "ok", 0.1);
        const counts = (await read()).filter(
            ({ name }) => name === "mcp_request_duration_seconds_count",
        );
        assert.deepEqual(
            counts.map(({ labels, value }) => [labels.method, value]),
            [
                ["other", 100],
                ["resources/read", 1],
            ],
        );
    });

    it("writes any tool's name so that it is read again", async () => {
        const unit = fc.constantFrom(...'ab"\\\n\r\t\0,;:={} é😀\u2028');
        const name = fc.string({ unit, minLength: 1, maxLength: 20 });
        const names = fc.uniqueArray(name, { minLength: 1, maxLength: 20 });
        const property = fc.asyncProperty(names, async (tools) => {
            const { metrics, toolCalls } = start({ isTool: () => true });
            for (const tool of tools) {
                metrics.recordCall(createRecord({ name: tool }), "ok", 0.1);
            }
            assert.deepEqual(
                (await toolCalls()).map(({ labels }) => labels.tool),
                tools,
            );
        });
        await fc.assert(property, { numRuns: 25 });
    });
});
