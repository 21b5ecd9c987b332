import { findResourceProblems } from "../../pods/resources.ts";
import type { ArgProblem } from "../../problems/argProblem.ts";
import { findEnumProblems } from "../../problems/values.ts";
import { serverDefaults } from "../defaults.ts";
import { findMemoryProblems, type MemorySettings } from "./memory.ts";
import { defaultReplicas, findSoleClaim } from "./replicas.ts";
import { ScalingMetric } from "./settings.ts";

/** Refuses numbers of pods, quantities and targets that are invalid or contradict each other. */
export function findCapacityProblems(server: MemorySettings): ArgProblem[] {
    const problems = [
        ...findReplicaProblems(server),
        ...findScalingProblems(server.scaling ?? {}),
        ...findResourceProblems("resources", server.resources ?? {}, serverDefaults.resources),
    ];
    // Without valid quantities, their sums mean nothing.
    return problems.length > 0 ? problems : findMemoryProblems(server);
}

/** Refuses bounds that contradict each other, and more than one pod where sessions or files belong to one. */
function findReplicaProblems(server: MemorySettings): ArgProblem[] {
    const { sessions, volumes, transport = serverDefaults.transport } = server;
    const { min, max } = server.replicas ?? defaultReplicas(server);
    const problems: ArgProblem[] = [];
    if (!Number.isInteger(min) || min < 1) {
        problems.push({
            path: "replicas.min",
            reason: `must be a whole number from 1, got ${min}`,
        });
    }
    if (!Number.isInteger(max) || max < min) {
        const reason = `must not be below replicas.min (${min}), got ${max}`;
        problems.push({ path: "replicas.max", reason });
    }
    if (sessions === "stateful" && max > 1) {
        const reason = `must be 1 for a stateful ${transport} server, whose sessions live in one pod, got ${max}`;
        problems.push({ path: "replicas.max", reason });
    }
    const claim = findSoleClaim(volumes);
    if (claim !== undefined && max > 1) {
        const named = typeof claim === "string" ? `claim '${claim}'` : "a claim";
        const reason =
            `must be 1 with ${named}, which one pod mounts at a time, got ${max}; ` +
            "set 'shared: true' on the volume if several may (ReadWriteMany)";
        problems.push({ path: "replicas.max", reason });
    }
    return problems;
}

/** Refuses targets that the autoscaler cannot have. */
function findScalingProblems(scaling: NonNullable<MemorySettings["scaling"]>): ArgProblem[] {
    const { metrics, cpuPercent, memoryPercent, scaleDownSeconds } = {
        ...serverDefaults.scaling,
        ...scaling,
    };
    const problems: ArgProblem[] = [];
    if (metrics.length === 0) {
        const reason =
            "must name at least one of 'cpu' and 'memory', got none; " +
            "for a fixed number of pods set replicas.min and replicas.max to it";
        problems.push({ path: "scaling.metrics", reason });
    }
    for (const metric of metrics) {
        problems.push(...findEnumProblems("scaling.metrics", metric, ScalingMetric));
    }
    for (const metric of Object.values(ScalingMetric)) {
        const path = `scaling.${metric}Percent`;
        const percent = { cpu: cpuPercent, memory: memoryPercent }[metric];
        if (percent < 1 || percent > 1000) {
            const reason = `must be 1 to 1000 percent of the request, got ${percent}`;
            problems.push({ path, reason });
        }
        if (metrics.length > 0 && !metrics.includes(metric) && `${metric}Percent` in scaling) {
            const reason = `must be left out without '${metric}' in scaling.metrics (${metrics.join(", ")}), got ${percent}`;
            problems.push({ path, reason });
        }
    }
    if (scaleDownSeconds < 0 || scaleDownSeconds > 3600) {
        const reason = `must be 0 to 3600, got ${scaleDownSeconds}`;
        problems.push({ path: "scaling.scaleDownSeconds", reason });
    }
    return problems;
}
