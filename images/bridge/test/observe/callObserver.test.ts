import assert from "node:assert/strict";
import { outcomes, type CallRecord } from "../../src/calls/callRecord.ts";
import { createCallObserver } from "../../src/observe/callObserver.ts";
import { createMetrics, type Metrics } from "../../src/observe/metrics.ts";
import { readExposition } from "./support/readExposition.ts";
import { createRecord } from "./support/records.ts";

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function start(metrics?: Metrics) {
    const lines: Record<string, unknown>[] = [];
    const observer = createCallObserver({
        server: "fetch",
        log: (level, event, fields) => lines.push({ level, event, ...fields }),
        audit: true,
        metrics,
    });
    return { observer, lines };
}

function audit(record: CallRecord): Record<string, unknown> {
    const { observer, lines } = start();
    observer.end(record, "ok");
    assert.equal(lines.length, 1);
    return lines[0] ?? {};
}

describe("call observer", () => {
    it("logs one line a call: who, what, how it ended, how long it took", () => {
        const { observer, lines } = start();
        const record = createRecord({
            principal: { subject: "alice", client: "agent", scopes: ["mcp:fetch"] },
            requestId: "request-1",
            traceparent,
            startedAt: performance.now() - 1500,
        });
        observer.end(record, "error", { code: -32602 });
        const [line] = lines;
        const took = Number(line?.durationMs);
        assert.ok(took >= 1500 && took < 2500, `${took} ms`);
        assert.deepEqual(
            { ...line, durationMs: 0 },
            {
                level: "info",
                event: "call",
                server: "fetch",
                method: "tools/call",
                name: "echo",
                era: "legacy",
                outcome: "error",
                code: -32602,
                durationMs: 0,
                subject: "alice",
                client: "agent",
                requestId: "request-1",
                traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
            },
        );
        assert.equal(lines.length, 1);
    });

    it("logs no line when no audit is wanted", () => {
        const observer = createCallObserver({
            server: "fetch",
            log: () => assert.fail("logged"),
            audit: false,
        });
        observer.end(createRecord(), "ok");
    });

    it("logs the address of a resource without what secrets are passed in", () => {
        const secrets = [
            "https://user:hunter2@example.org/a/b?token=hunter2",
            "https://user:hunter2@example.org/a/b#hunter2",
            "https://hunter2@example.org/a/b?x=https://example.org/@hunter2",
        ];
        for (const method of ["resources/read", "resources/subscribe"]) {
            for (const name of secrets) {
                assert.equal(audit(createRecord({ method, name })).name, "https://example.org/a/b");
            }
        }
        const file = audit(createRecord({ method: "resources/read", name: "file:///a/b@c" }));
        assert.equal(file.name, "file:///a/b@c");
    });

    it("cuts what clients choose", () => {
        const long = "x".repeat(10_000);
        const line = audit(createRecord({ method: long, name: long, requestId: long }));
        for (const field of ["method", "name", "requestId"]) {
            assert.equal(String(line[field]).length, 256, field);
        }
    });

    it("logs no trace id of a malformed traceparent", () => {
        const line = audit(createRecord({ traceparent: `${traceparent}"` }));
        assert.equal(line.traceId, undefined);
    });

    it("counts the call in the metrics, with its duration in seconds", async () => {
        const gauges = {
            inFlight: 0,
            sessions: 0,
            parked: 0,
            children: { shared: 0, leased: 0, warm: 0 },
        };
        const metrics = createMetrics({ server: "fetch", version: "0", gauges: () => gauges });
        const { observer } = start(metrics);
        for (const outcome of outcomes) {
            observer.end(createRecord({ startedAt: performance.now() - 2000 }), outcome);
        }
        const samples = readExposition((await metrics.read()).text);
        const calls = samples.filter(({ name }) => name === "mcp_tool_calls_total");
        assert.deepEqual(calls.map(({ labels }) => labels.outcome).sort(), [...outcomes].sort());
        const sum = samples.find(({ name }) => name === "mcp_request_duration_seconds_sum");
        assert.ok(Math.abs((sum?.value ?? 0) / outcomes.length - 2) < 0.5, `${sum?.value} s`);
    });

    it("passes the HTTP request's trace context on when nothing traces", () => {
        const { observer } = start();
        const record = createRecord();
        assert.deepEqual(observer.begin(record, { traceparent }, undefined), { traceparent });
        assert.equal(observer.begin(record, {}, undefined), undefined);
        assert.equal(observer.begin(record, { traceparent }, { traceparent: "own" }), undefined);
    });
});
