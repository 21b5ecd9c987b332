import type { Log } from "../log/log.ts";
import type { CallObserver } from "../calls/callRecord.ts";
import { createCallObserver } from "../observe/callObserver.ts";
import type { Gauges } from "../observe/gauges.ts";
import { createMetrics, type Metrics } from "../observe/metrics.ts";
import type { CallTracer } from "../observe/callTracer.ts";
import { createTracer } from "../observe/tracing.ts";
import type { BridgeOptions } from "../options/bridgeOptions.ts";
import type { ToolCatalog } from "../processes/toolCatalog.ts";

/** What sees every call. */
export interface Observation {
    metrics: Metrics;
    observer: CallObserver;
    tracer: CallTracer | undefined;
}

/** Opens metrics, traces and the audit log, as far as the options want them. */
export async function openObservation(
    { server, audit, metrics: served }: BridgeOptions,
    version: string,
    catalog: ToolCatalog,
    gauges: () => Gauges,
    log: Log,
): Promise<Observation> {
    const tracer = await createTracer(server, log);
    const metrics = createMetrics({
        server,
        version,
        gauges,
        isTool: (name) => (catalog.loaded ? catalog.known(name) !== undefined : undefined),
    });
    const observer = createCallObserver({
        server,
        log,
        audit,
        ...(served && { metrics }),
        ...(tracer && { tracer }),
    });
    return { metrics, observer, tracer };
}
