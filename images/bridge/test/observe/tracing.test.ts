import assert from "node:assert/strict";
import type { CallOutcome, CallRecord } from "../../src/calls/callRecord.ts";
import type { CallObserver } from "../../src/calls/callRecord.ts";
import { createCallObserver } from "../../src/observe/callObserver.ts";
import type { CallTracer } from "../../src/observe/callTracer.ts";
import { createTracer } from "../../src/observe/tracing.ts";
import { until } from "../support/until.ts";
import { startCollector, type Collector, type ReceivedSpan } from "./support/collector.ts";
import { createRecord } from "./support/records.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${parentId}-01`;

describe("tracing", () => {
    let collector: Collector;
    let tracer: CallTracer;
    let observer: CallObserver;
    let lines: Record<string, unknown>[];
    const variables: string[] = [];

    function setVariables(values: Record<string, string>): void {
        Object.assign(process.env, values);
        variables.push(...Object.keys(values));
    }

    async function start(values: Record<string, string> = {}): Promise<void> {
        setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...values });
        const log = (level: string, event: string, fields?: Record<string, unknown>): void => {
            lines.push({ level, event, ...fields });
        };
        tracer = (await createTracer("fetch", log)) ?? assert.fail("no tracer");
        observer = createCallObserver({ server: "fetch", log, audit: true, tracer });
    }

    /** Traces one call from begin to end, and gives the span that came out. */
    async function trace(
        record: CallRecord,
        outcome: CallOutcome = "ok",
        code?: number,
    ): Promise<ReceivedSpan> {
        observer.begin(record, {}, undefined);
        observer.end(record, outcome, { code });
        await tracer.close();
        return collector.spans.at(-1) ?? assert.fail("no span came");
    }

    beforeEach(async () => {
        collector = await startCollector();
        lines = [];
    });

    afterEach(async () => {
        await tracer.close();
        await collector.close();
        for (const name of variables.splice(0)) {
            delete process.env[name];
        }
    });

    it("makes a span below the HTTP request's, and the server's below that", async () => {
        await start();
        const record = createRecord();
        const headers = { traceparent, tracestate: "rojo=1", baggage: "userId=alice" };
        const given = observer.begin(record, headers, { progressToken: 1 });
        observer.end(record, "ok");
        await tracer.close();

        const [span] = collector.spans;
        assert.equal(collector.spans.length, 1);
        assert.equal(span?.traceId, traceId);
        assert.equal(span.parentSpanId, parentId);
        assert.notEqual(span.spanId, parentId);
        assert.equal(span.traceState, "rojo=1");
        assert.deepEqual(span.links, []);
        assert.deepEqual(given, {
            traceparent: `00-${traceId}-${span.spanId}-01`,
            tracestate: "rojo=1",
            baggage: "userId=alice",
        });
        assert.equal(lines[0]?.traceId, traceId);
    });

    it("takes the context in _meta for the parent, and links to the HTTP request's", async () => {
        await start();
        const record = createRecord();
        const own = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
        const given = observer.begin(record, { traceparent }, { traceparent: own });
        observer.end(record, "ok");
        await tracer.close();

        const [span] = collector.spans;
        assert.equal(span?.traceId, "a".repeat(32));
        assert.equal(span.parentSpanId, "b".repeat(16));
        assert.deepEqual(span.links, [`${traceId}-${parentId}`]);
        assert.equal(given?.traceparent, `00-${"a".repeat(32)}-${span.spanId}-01`);
        assert.equal(lines[0]?.traceId, "a".repeat(32));
    });

    it("begins a trace where none came", async () => {
        await start();
        const record = createRecord();
        const given = observer.begin(record, { traceparent: "malformed" }, { traceparent: 7 });
        observer.end(record, "ok");
        await tracer.close();
        const [span] = collector.spans;
        assert.equal(span?.parentSpanId, "");
        assert.equal(given?.traceparent, `00-${span.traceId}-${span.spanId}-01`);
    });

    it("names calls by OpenTelemetry's conventions for MCP", async () => {
        await start();
        const span = await trace(createRecord({ era: "modern" }));
        assert.equal(span.name, "tools/call echo");
        assert.equal(span.kind, 2);
        assert.equal(span.status, 0);
        assert.deepEqual(span.attributes, {
            "mcp.method.name": "tools/call",
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "echo",
            "network.protocol.name": "http",
            "network.transport": "tcp",
            "slipway.era": "modern",
            "slipway.outcome": "ok",
        });
    });

    it("names prompts, and resources without the secrets in their addresses", async () => {
        await start();
        const prompt = createRecord({ method: "prompts/get", name: "review" });
        const name = "https://user:hunter2@example.org/a?token=hunter2";
        const resource = createRecord({ method: "resources/read", name });
        observer.begin(prompt, {}, undefined);
        observer.end(prompt, "ok");
        await trace(resource);
        const [first, second] = collector.spans;
        assert.equal(first?.name, "prompts/get review");
        assert.equal(first.attributes["gen_ai.prompt.name"], "review");
        assert.equal(second?.name, "resources/read");
        assert.equal(second.attributes["mcp.resource.uri"], "https://example.org/a");
        assert.doesNotMatch(JSON.stringify([collector.spans, lines]), /hunter2/);
    });

    for (const [outcome, code, type, status] of [
        ["error", -32602, "-32602", 2],
        ["tool_error", undefined, "tool_error", 2],
        ["timeout", undefined, "timeout", 2],
        ["cancelled", undefined, undefined, 0],
        ["input_required", undefined, undefined, 0],
    ] as const) {
        it(`marks a call that ended with '${outcome}'`, async () => {
            await start();
            const span = await trace(createRecord(), outcome, code);
            assert.equal(span.attributes["error.type"], type);
            assert.equal(
                span.attributes["rpc.response.status_code"],
                code === undefined ? undefined : String(code),
            );
            assert.equal(span.attributes["slipway.outcome"], outcome);
            assert.equal(span.status, status);
        });
    }

    it("begins a span when the request came", async () => {
        await start();
        const span = await trace(createRecord({ startedAt: performance.now() - 2000 }));
        assert.ok(Math.abs(span.endMs - Date.now()) < 1000);
        const took = Number(lines[0]?.durationMs);
        assert.ok(took >= 2000);
        assert.ok(Math.abs(span.endMs - span.startMs - took) < 0.01, "as in the audit line");
    });

    it("leaves calls apart that run at once", async () => {
        await start();
        const records = Array.from({ length: 20 }, (_, index) =>
            createRecord({ name: `tool-${index}` }),
        );
        const given = records.map((record) => observer.begin(record, {}, undefined)?.traceparent);
        for (const record of records.toReversed()) {
            observer.end(record, "ok");
        }
        await tracer.close();
        assert.equal(collector.spans.length, 20);
        for (const span of collector.spans) {
            const index = Number(span.attributes["gen_ai.tool.name"]?.replace("tool-", ""));
            assert.equal(given[index], `00-${span.traceId}-${span.spanId}-01`);
        }
    });

    it("calls the service as the server, or as OTEL_SERVICE_NAME says", async () => {
        await start();
        assert.equal((await trace(createRecord())).resource["service.name"], "fetch");
        await start({
            OTEL_SERVICE_NAME: "tools",
            OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=dev",
        });
        const { resource } = await trace(createRecord());
        assert.equal(resource["service.name"], "tools");
        assert.equal(resource["deployment.environment.name"], "dev");
    });

    it("sends to the endpoint with the headers of the variables", async () => {
        await start({ OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20secret" });
        await trace(createRecord());
        assert.deepEqual(collector.requests, [
            ["/v1/traces", "application/x-protobuf", "Bearer secret"],
        ]);
    });

    it("sends by itself, without waiting for the end", async () => {
        await start({ OTEL_BSP_SCHEDULE_DELAY: "50" });
        const record = createRecord();
        observer.begin(record, {}, undefined);
        observer.end(record, "ok");
        await until(() => collector.spans.length === 1, 5000);
    });

    it("does not send a trace that is not sampled, but passes its context on", async () => {
        await start();
        const record = createRecord();
        const given = observer.begin(record, { traceparent: `00-${traceId}-${parentId}-00` }, {});
        observer.end(record, "ok");
        await tracer.close();
        assert.match(given?.traceparent ?? "", new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
        assert.equal(collector.spans.length, 0);
        assert.equal(lines[0]?.traceId, traceId);
    });

    it("samples as the variables say", async () => {
        await start({ OTEL_TRACES_SAMPLER: "always_off" });
        const unwanted = createRecord();
        observer.begin(unwanted, { traceparent }, {});
        observer.end(unwanted, "ok");
        await tracer.close();
        assert.equal(collector.spans.length, 0);
        await start({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" });
        for (let call = 0; call < 400; call++) {
            const record = createRecord();
            observer.begin(record, {}, undefined);
            observer.end(record, "ok");
        }
        await tracer.close();
        const sent = collector.spans.length;
        assert.ok(sent > 120 && sent < 280, `${sent} of 400`);
    });

    it("is off without an endpoint", async () => {
        await start();
        await tracer.close();
        delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
        assert.equal(await createTracer("fetch", () => undefined), undefined);
    });

    it("complains once of a collector that takes nothing", async () => {
        await start({ OTEL_BSP_SCHEDULE_DELAY: "1" });
        collector.refuse();
        for (let call = 1; call <= 3; call++) {
            const record = createRecord();
            observer.begin(record, {}, undefined);
            observer.end(record, "ok");
            await until(() => collector.requests.length === call, 5000);
        }
        await trace(createRecord()).catch(() => undefined);
        assert.equal(collector.requests.length, 4);
        assert.deepEqual(
            lines.filter(({ event }) => event === "tracing").map(({ level }) => level),
            ["warn"],
        );
    });

    it("ends when the collector is away", async () => {
        await start({ OTEL_EXPORTER_OTLP_TIMEOUT: "500" });
        await collector.close();
        await trace(createRecord()).catch(() => undefined);
        const complaints = lines.filter(({ event }) => event === "tracing");
        assert.equal(complaints.length, 1, JSON.stringify(complaints));
        assert.equal(complaints[0]?.level, "warn");
        assert.match(String(complaints[0]?.problem), /ECONNREFUSED/);
    });

    it("ends in time when the collector does not answer", async () => {
        await start();
        collector.stall();
        const record = createRecord();
        observer.begin(record, {}, undefined);
        observer.end(record, "ok");
        const begun = performance.now();
        await tracer.close(100);
        assert.ok(performance.now() - begun < 2000, "before the exporter's own ten seconds");
        const [complaint] = lines.filter(({ event }) => event === "tracing");
        assert.equal(complaint?.problem, "the last spans were not sent within 100 ms");
    });
});
