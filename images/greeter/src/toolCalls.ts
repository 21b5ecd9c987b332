import { EventEmitter, once } from "node:events";

import { log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Who calls, as the gateway verified it; undefined without gateway. */
export interface Caller {
    subject?: string | undefined;
    client?: string | undefined;
    requestId?: string | undefined;
}

/** Reads the headers that the gateway sets, and that it never lets a client set. */
export function readCaller(headers: Headers | undefined): Caller {
    const read = (name: string) => headers?.get(name) ?? undefined;
    return {
        subject: read("x-auth-subject"),
        client: read("x-auth-client"),
        requestId: read("x-request-id"),
    };
}

/** Runs the tools: measures each call, writes its line of the audit log, and knows when none is in flight. */
export class ToolCalls {
    private readonly metrics: Metrics;
    private running = 0;
    private readonly events = new EventEmitter<{ idle: [] }>();

    constructor(metrics: Metrics) {
        this.metrics = metrics;
    }

    async run<Result>(
        labels: { server: string; tool: string },
        caller: Caller,
        call: () => Result | Promise<Result>,
    ): Promise<Result> {
        const start = performance.now();
        const endTimer = this.metrics.duration.startTimer(labels);
        this.running += 1;
        let outcome = "failed";
        try {
            const result = await call();
            outcome = "succeeded";
            return result;
        } catch (error) {
            this.metrics.failures.inc(labels);
            throw error;
        } finally {
            this.metrics.calls.inc(labels);
            endTimer();
            const ms = Math.round(performance.now() - start);
            log("info", "tool_called", { ...labels, ...caller, outcome, ms });
            this.running -= 1;
            if (this.running === 0) this.events.emit("idle");
        }
    }

    /** Settles as soon as no call is in flight. */
    async waitForIdle(): Promise<void> {
        while (this.running > 0) await once(this.events, "idle");
    }
}
