import { setTimeout as delay } from "node:timers/promises";
import {
    defaultTextMapGetter,
    defaultTextMapSetter,
    ROOT_CONTEXT,
    SpanKind,
    SpanStatusCode,
    trace,
    type Context,
    type Link,
    type Span,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
    defaultResource,
    detectResources,
    envDetector,
    resourceFromAttributes,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { CallRecord } from "../calls/callRecord.ts";
import type { Log } from "../log/log.ts";
import { createSampler } from "./sampler.ts";
import { beginAttributes, endAttributes, spanName } from "./spanAttributes.ts";
import type { TraceMeta } from "../calls/callRecord.ts";
import { isTraceparent, traceMeta } from "./traceMeta.ts";
import type { CallTracer } from "./callTracer.ts";
import { logTracingProblems } from "./tracingProblems.ts";
import type { TracingSettings } from "./tracingSettings.ts";

/** Starts OpenTelemetry. This file loads its libraries and is imported only where traces are wanted. */
export function startTracing(server: string, settings: TracingSettings, log: Log): CallTracer {
    const problems = logTracingProblems(log);
    const provider = new TracerProvider({
        resource: defaultResource()
            .merge(resourceFromAttributes({ "service.name": server }))
            .merge(detectResources({ detectors: [envDetector] })),
        sampler: createSampler(settings),
        spanProcessors: [
            new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...settings.batch }),
        ],
    });
    const tracer = provider.getTracer("slipway-bridge");
    const propagator = new W3CTraceContextPropagator();
    const spans = new WeakMap<CallRecord, { span: Span; startTime: number }>();

    return {
        begin(record, headers, meta) {
            const request = extract(headers);
            const parent = isTraceparent(meta?.traceparent) ? extract(meta) : request;
            const startTime = Date.now() - (performance.now() - record.startedAt);
            const span = tracer.startSpan(
                spanName(record),
                {
                    kind: SpanKind.SERVER,
                    attributes: beginAttributes(record),
                    links: parent === request ? [] : linkTo(request),
                    startTime,
                },
                parent,
            );
            spans.set(record, { span, startTime });
            const added: TraceMeta = {};
            propagator.inject(trace.setSpan(ROOT_CONTEXT, span), added, defaultTextMapSetter);
            const baggage = traceMeta(headers, meta)?.baggage;
            return baggage === undefined ? added : { ...added, baggage };
        },

        end(record, outcome, milliseconds, code) {
            const traced = spans.get(record);
            if (traced === undefined) {
                return undefined;
            }
            const { span, startTime } = traced;
            const attributes = endAttributes(outcome, code);
            span.setAttributes(attributes);
            if (attributes["error.type"] !== undefined) {
                span.setStatus({ code: SpanStatusCode.ERROR });
            }
            span.end(startTime + milliseconds);
            return span.spanContext().traceId;
        },

        async close(withinMs = 5000) {
            const sent = provider.shutdown().catch((error: unknown) => {
                problems.complain((error as Error).message);
            });
            const late = delay(withinMs, "late", { ref: false });
            if ((await Promise.race([sent, late])) === "late") {
                problems.complain(`the last spans were not sent within ${withinMs} ms`);
            }
            problems.stop();
        },
    };

    function extract(carrier: object): Context {
        return propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    }
}

/** The context of the HTTP request, where the call belongs to another. */
function linkTo(request: Context): Link[] {
    const context = trace.getSpanContext(request);
    return context === undefined ? [] : [{ context }];
}
