import Counter from "prom-client/lib/counter.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import type { CallOutcome, CallRecord } from "../calls/callRecord.ts";
import { registerGauges, type Gauges } from "./gauges.ts";
import { methodLabel } from "./methodLabel.ts";
import { registerProcessMetrics } from "./processMetrics.ts";
import { createToolLabels } from "./toolLabels.ts";

/**
 * Bounds of the duration histogram, in seconds: those of OpenTelemetry's `mcp.server.operation.duration`, and three below
 * them for calls that are answered at once.
 */
const durationBounds = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

/**
 * Calls that wait to be counted: each by itself, between all that a call takes, costs several times what it does after
 * another one, as its code and data are not in the processor's caches.
 */
const uncountedLimit = 64;

/** What is counted of a call. */
interface EndedCall extends Pick<CallRecord, "method" | "name" | "era"> {
    outcome: CallOutcome;
    seconds: number;
}

export interface MetricsOptions {
    /** Name of the server, a label of every series. */
    server: string;
    /** Version of the bridge. */
    version: string;
    /** Reads what is true at the moment; called once a scrape. */
    gauges: () => Gauges;
    /** Whether the server has a tool of that name; undefined when that is not known. */
    isTool?: (name: string) => boolean | undefined;
}

/** Prometheus metrics of a bridge. */
export interface Metrics {
    /** Counts a call that is over. */
    recordCall(record: CallRecord, outcome: CallOutcome, seconds: number): void;
    /** Counts a request that was turned away. `reason` is a constant of the program, never a client's text. */
    recordRefusal(reason: string): void;
    /** Counts a message that went to nobody. `kind` is a constant of the program. */
    recordDropped(kind: string): void;
    /** Counts a start of the server after the first. */
    recordRestart(): void;
    /** Everything in Prometheus' text format. */
    read(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics({ server, version, gauges, isTool }: MetricsOptions): Metrics {
    const registry = new Registry();
    const registers = [registry];
    registry.setDefaultLabels({ server });
    const calls = new Counter({
        name: "mcp_tool_calls_total",
        help: "Calls of tools that are over, by how they ended.",
        labelNames: ["tool", "outcome"],
        registers,
    });
    const durations = new Histogram({
        name: "mcp_request_duration_seconds",
        help: "Time from the head of a request to the end of its answer, in seconds.",
        labelNames: ["method", "era"],
        buckets: durationBounds,
        registers,
    });
    const restarts = new Counter({
        name: "mcp_child_restarts_total",
        help: "Starts of the server after its first.",
        registers,
    });
    const refusals = new Counter({
        name: "mcp_refusals_total",
        help: "Requests that were turned away, by why.",
        labelNames: ["reason"],
        registers,
    });
    const dropped = new Counter({
        name: "mcp_dropped_messages_total",
        help: "Messages that reached nobody, by kind.",
        labelNames: ["kind"],
        registers,
    });
    registerGauges(registry, version, gauges);
    registerProcessMetrics(registry);

    const toolLabel = createToolLabels(isTool);
    let uncounted: EndedCall[] = [];

    function count(): void {
        const ended = uncounted;
        uncounted = [];
        for (const { method, name, era, outcome, seconds } of ended) {
            durations.observe({ method: methodLabel(method), era }, seconds);
            if (method === "tools/call") {
                calls.inc({ tool: toolLabel(name, outcome), outcome });
            }
        }
    }

    return {
        recordCall({ method, name, era }, outcome, seconds) {
            uncounted.push({ method, name, era, outcome, seconds });
            if (uncounted.length >= uncountedLimit) {
                count();
            }
        },
        recordRefusal: (reason) => refusals.inc({ reason }),
        recordDropped: (kind) => dropped.inc({ kind }),
        recordRestart: () => restarts.inc(),
        read: async () => {
            count();
            return { contentType: registry.contentType, text: await registry.metrics() };
        },
    };
}
