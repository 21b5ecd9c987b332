import { Counter, Gauge, Histogram, Registry } from "prom-client";

const labelNames = ["server", "tool"] as const;

/** What Prometheus reads of this process. */
export class Metrics {
    readonly registry = new Registry();
    private readonly registers = [this.registry];
    readonly calls = new Counter({
        name: "mcp_tool_calls_total",
        help: "Calls of tools",
        labelNames,
        registers: this.registers,
    });
    readonly failures = new Counter({
        name: "mcp_tool_failures_total",
        help: "Calls of tools that failed",
        labelNames,
        registers: this.registers,
    });
    readonly duration = new Histogram({
        name: "mcp_tool_call_duration_seconds",
        help: "Duration of calls of tools",
        labelNames,
        buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
        registers: this.registers,
    });
    readonly serving = new Gauge({
        name: "mcp_server_serving",
        help: "1 while a server serves, 0 when it failed",
        labelNames: ["server"],
        registers: this.registers,
    });
}
