import assert from "node:assert/strict";
import { readTracingSettings } from "../../src/observe/tracingSettings.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("tracing settings", () => {
    it("are none without an endpoint, or switched off", () => {
        for (const environment of [
            {},
            { OTEL_SERVICE_NAME: "fetch" },
            { OTEL_EXPORTER_OTLP_ENDPOINT: " " },
            { ...endpoint, OTEL_SDK_DISABLED: "true" },
            { ...endpoint, OTEL_SDK_DISABLED: "TRUE" },
            { ...endpoint, OTEL_TRACES_EXPORTER: "none" },
        ]) {
            assert.equal(readTracingSettings(environment), undefined);
        }
    });

    it("have the specification's defaults", () => {
        const batch = {
            maxQueueSize: undefined,
            maxExportBatchSize: undefined,
            scheduledDelayMillis: undefined,
            exportTimeoutMillis: undefined,
        };
        const defaults = { sampler: "parentbased_always_on", ratio: 1, batch };
        assert.deepEqual(readTracingSettings(endpoint), defaults);
        assert.deepEqual(
            readTracingSettings({
                OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/v1/traces",
                OTEL_SDK_DISABLED: "false",
                OTEL_TRACES_EXPORTER: "otlp",
                OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
            }),
            defaults,
        );
    });

    it("read sampler and batches", () => {
        const settings = readTracingSettings({
            ...endpoint,
            OTEL_TRACES_SAMPLER: "traceidratio",
            OTEL_TRACES_SAMPLER_ARG: "0.25",
            OTEL_BSP_SCHEDULE_DELAY: "100",
            OTEL_BSP_MAX_QUEUE_SIZE: "10",
            OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "5",
            OTEL_BSP_EXPORT_TIMEOUT: "1000",
        });
        assert.deepEqual(settings, {
            sampler: "traceidratio",
            ratio: 0.25,
            batch: {
                maxQueueSize: 10,
                maxExportBatchSize: 5,
                scheduledDelayMillis: 100,
                exportTimeoutMillis: 1000,
            },
        });
    });

    for (const [environment, problem] of [
        [
            { OTEL_TRACES_SAMPLER: "jaeger_remote" },
            "tracing: OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio, got 'jaeger_remote'",
        ],
        [
            { OTEL_TRACES_SAMPLER_ARG: "2" },
            "tracing: OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, got '2'",
        ],
        [
            { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
            "tracing: OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, got 'grpc'",
        ],
        [
            { OTEL_TRACES_EXPORTER: "zipkin" },
            "tracing: OTEL_TRACES_EXPORTER must be one of otlp, got 'zipkin'",
        ],
        [
            { OTEL_BSP_SCHEDULE_DELAY: "soon" },
            "tracing: OTEL_BSP_SCHEDULE_DELAY must be a number from 0 to 2147483647, got 'soon'",
        ],
    ] as const) {
        it(`refuse ${JSON.stringify(environment)}`, () => {
            assert.throws(() => readTracingSettings({ ...endpoint, ...environment }), {
                message: problem,
            });
        });
    }
});
