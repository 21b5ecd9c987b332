import type { ArgProblem } from "../../problems/argProblem.ts";
import { serverDefaults } from "../defaults.ts";
import type {
    Quantities,
    ReplicaRange,
    ResourcesArgs,
    ScalingArgs,
    Sessions,
    Transport,
} from "./settings.ts";

/** Settings that decide the number of pods. */
interface ReplicaSettings {
    replicas?: ReplicaRange;
    sessions?: Sessions;
    transport?: Transport;
}

/** Refuses bounds that contradict each other, and more than one pod for a stateful server. */
export function findReplicaProblems(settings: ReplicaSettings): ArgProblem[] {
    const { replicas, sessions, transport = serverDefaults.transport } = settings;
    const { min, max } = replicas ?? serverDefaults.replicas;
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
        const got = replicas === undefined ? `the default ${max}` : String(max);
        const reason = `must be 1 for a stateful ${transport} server, whose sessions live in one pod, got ${got}`;
        problems.push({ path: "replicas.max", reason });
    }
    return problems;
}

/** Refuses targets that the autoscaler cannot have. */
export function findScalingProblems(scaling: ScalingArgs): ArgProblem[] {
    const { cpuPercent, memoryPercent, scaleDownSeconds } = {
        ...serverDefaults.scaling,
        ...scaling,
    };
    const problems: ArgProblem[] = [];
    for (const [name, percent] of Object.entries({ cpuPercent, memoryPercent })) {
        if (percent < 1 || percent > 1000) {
            problems.push({
                path: `scaling.${name}`,
                reason: `must be 1 to 1000 percent of the request, got ${percent}`,
            });
        }
    }
    if (scaleDownSeconds < 0 || scaleDownSeconds > 3600) {
        const reason = `must be 0 to 3600, got ${scaleDownSeconds}`;
        problems.push({ path: "scaling.scaleDownSeconds", reason });
    }
    return problems;
}

type Kind = keyof Quantities;

const units: Record<string, number> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
};

/** Refuses invalid quantities, and requests above their limit. */
export function findResourceProblems({ requests, limits }: ResourcesArgs): ArgProblem[] {
    const { resources } = serverDefaults;
    return (["cpu", "memory"] as const).flatMap((kind) => [
        ...findQuantityProblems(`resources.requests.${kind}`, kind, requests?.[kind]),
        ...findQuantityProblems(`resources.limits.${kind}`, kind, limits?.[kind]),
        ...findOrderProblems(
            kind,
            requests?.[kind] ?? resources.requests[kind],
            limits?.[kind] ?? resources.limits[kind],
        ),
    ]);
}

function findQuantityProblems(path: string, kind: Kind, quantity = "1"): ArgProblem[] {
    const example = kind === "cpu" ? "'250m' or '0.25'" : "'256Mi'";
    return readQuantity(quantity) > 0
        ? []
        : [{ path, reason: `must be a quantity such as ${example}, got '${quantity}'` }];
}

function findOrderProblems(kind: Kind, request: string, limit: string): ArgProblem[] {
    const reason = `must not be above resources.limits.${kind} ('${limit}'), got '${request}'`;
    return readQuantity(request) > readQuantity(limit)
        ? [{ path: `resources.requests.${kind}`, reason }]
        : [];
}

/** The number that a Kubernetes quantity stands for; NaN when it is invalid. */
function readQuantity(quantity: string): number {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
    return Number(digits) * (units[unit] ?? Number.NaN);
}
