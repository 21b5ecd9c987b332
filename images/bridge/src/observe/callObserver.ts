import type { CallObserver } from "../calls/callRecord.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "./metrics.ts";
import { clip, publicName } from "./publicName.ts";
import { isTraceparent, traceMeta } from "./traceMeta.ts";
import type { CallTracer } from "./callTracer.ts";

export interface CallObserverOptions {
    /** Name of the server. */
    server: string;
    log: Log;
    /** Whether to log a line a call. */
    audit: boolean;
    metrics?: Metrics;
    tracer?: CallTracer;
}

/** Turns calls into audit lines, metrics and spans, as far as they are wanted. */
export function createCallObserver(options: CallObserverOptions): CallObserver {
    const { server, log, audit, metrics, tracer } = options;
    return {
        begin: (record, headers, meta) =>
            tracer === undefined ? traceMeta(headers, meta) : tracer.begin(record, headers, meta),
        end(record, outcome, details) {
            const milliseconds = performance.now() - record.startedAt;
            const traceId = tracer?.end(record, outcome, milliseconds, details?.code);
            metrics?.recordCall(record, outcome, milliseconds / 1000);
            if (!audit) {
                return;
            }
            const { method, name, era, principal, requestId, traceparent } = record;
            log("info", "call", {
                server,
                method: clip(method),
                name: name === undefined ? undefined : publicName(method, name),
                era,
                outcome,
                code: details?.code,
                durationMs: Math.round(milliseconds * 1000) / 1000,
                subject: principal.subject,
                client: principal.client,
                requestId: requestId === undefined ? undefined : clip(requestId),
                traceId:
                    traceId ?? (isTraceparent(traceparent) ? traceparent.slice(3, 35) : undefined),
            });
        },
    };
}
