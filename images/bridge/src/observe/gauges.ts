import type { Registry } from "prom-client";
import Gauge from "prom-client/lib/gauge.js";

/** What is true of a bridge at one moment. */
export interface Gauges {
    /** Requests being answered. */
    inFlight: number;
    /** Sessions that have not ended. */
    sessions: number;
    /** Calls that wait for their client's input. */
    parked: number;
    /** Processes of the server by what they are for: all callers, one caller, the next caller. */
    children: { shared: number; leased: number; warm: number };
}

/** Registers the metrics that are read from the bridge when they are asked for. */
export function registerGauges(registry: Registry, version: string, read: () => Gauges): void {
    const registers = [registry];
    new Gauge({
        name: "mcp_requests_in_flight",
        help: "Requests being answered.",
        registers,
        // The first to be collected sets all others, so that they are of one moment.
        collect() {
            const now = read();
            this.set(now.inFlight);
            sessions.set(now.sessions);
            parked.set(now.parked);
            for (const [state, count] of Object.entries(now.children)) {
                children.set({ state }, count);
            }
        },
    });
    const sessions = new Gauge({
        name: "mcp_sessions",
        help: "Sessions that have not ended.",
        registers,
    });
    const parked = new Gauge({
        name: "mcp_parked_calls",
        help: "Calls that wait for their client's input.",
        registers,
    });
    const children = new Gauge({
        name: "mcp_children",
        help: "Processes of the server: shared by all, leased to one caller, or warm for the next.",
        labelNames: ["state"],
        registers,
    });
    new Gauge({
        name: "mcp_bridge_build_info",
        help: "Versions in labels; always 1.",
        labelNames: ["version", "node"],
        registers,
    }).set({ version, node: process.versions.node }, 1);
}
