import { setImmediate } from "node:timers/promises";
import type { Registry } from "prom-client";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import registerHeap from "prom-client/lib/metrics/heapSizeAndUsed.js";
import registerMemory from "prom-client/lib/metrics/osMemoryHeap.js";
import registerMaxFiles from "prom-client/lib/metrics/processMaxFileDescriptors.js";
import registerOpenFiles from "prom-client/lib/metrics/processOpenFileDescriptors.js";
import registerStartTime from "prom-client/lib/metrics/processStartTime.js";

/**
 * Registers what is asked of every process. All of it is read when metrics are: the library's own metrics of the event
 * loop and of garbage collection keep timers and observers instead, which cost time while nothing happens.
 */
export function registerProcessMetrics(registry: Registry): void {
    const registers = [registry];
    for (const register of [
        registerStartTime,
        registerMemory,
        registerHeap,
        registerOpenFiles,
        registerMaxFiles,
    ]) {
        register(registry);
    }
    new Counter({
        name: "process_cpu_seconds_total",
        help: "CPU time, of user and system, in seconds.",
        registers,
        collect() {
            const { user, system } = process.cpuUsage();
            this.reset();
            this.inc((user + system) / 1e6);
        },
    });
    new Counter({
        name: "nodejs_eventloop_active_seconds_total",
        help: "Time the event loop spent outside of its wait for events, in seconds.",
        registers,
        collect() {
            this.reset();
            this.inc(performance.eventLoopUtilization().active / 1000);
        },
    });
    new Gauge({
        name: "nodejs_eventloop_lag_seconds",
        help: "Time a turn of the event loop took while this was read, in seconds.",
        registers,
        async collect() {
            const start = performance.now();
            await setImmediate();
            this.set((performance.now() - start) / 1000);
        },
    });
}
