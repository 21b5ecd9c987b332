import type * as pulumi from "@pulumi/pulumi";

import { type KnownResources, readQuantity } from "../../pods/resources.ts";
import type { ArgProblem } from "../../problems/argProblem.ts";
import type { BridgeSettings, Isolation } from "../bridge/args.ts";
import { bridgeDefaults, bridgeMemory, serverDefaults } from "../defaults.ts";
import { defaultReplicas, type PodState } from "./replicas.ts";
import { type ReplicaRange, type ScalingArgs, ScalingMetric } from "./settings.ts";

/** Settings that decide how much memory a pod has and needs. */
export interface MemorySettings extends PodState {
    replicas?: pulumi.Unwrap<ReplicaRange>;
    scaling?: pulumi.Unwrap<ScalingArgs>;
    resources?: KnownResources;
    isolation?: Isolation;
    bridge?: BridgeSettings;
}

const mebibyte = 2 ** 20;

/**
 * Most concurrent processes of a stdio server: those asked for, else as many as its memory limit holds. Undefined where
 * there is one process by definition.
 */
export function limitProcesses(server: MemorySettings): number | undefined {
    return hasProcessPool(server)
        ? (server.bridge?.processes?.max ?? Math.min(bridgeDefaults.processes.max, fitting(server)))
        : undefined;
}

/** Refuses processes that do not fit into the memory limit, and a memory target that scales too late or at rest. */
export function findMemoryProblems(server: MemorySettings): ArgProblem[] {
    return [
        ...findTargetProblems(server),
        ...(hasProcessPool(server) ? findProcessProblems(server) : []),
    ];
}

/** A pod above its limit is killed before the autoscaler adds another. */
function findTargetProblems(server: MemorySettings): ArgProblem[] {
    const { memoryPercent = serverDefaults.scaling.memoryPercent } = server.scaling ?? {};
    const { request, limit } = memoryOf(server);
    const most = Math.floor((100 * limit) / request);
    return scalesOnMemory(server) && memoryPercent > most
        ? [
              {
                  path: "scaling.memoryPercent",
                  reason: `must be at most ${most}, the memory limit in percent of the request, got ${memoryPercent}`,
              },
          ]
        : [];
}

function findProcessProblems(server: MemorySettings): ArgProblem[] {
    const { max, mebibytes = bridgeMemory.process } = server.bridge?.processes ?? {};
    const { warm = bridgeDefaults.processes.warm } = server.bridge?.processes ?? {};
    const { request, limit } = memoryOf(server);
    const held = fitting(server);
    if (warm > (max ?? bridgeDefaults.processes.max)) {
        // A rule of the bridge says so.
        return [];
    }
    const parts = `the bridge (${bridgeMemory.bridge} MiB) and processes of ${mebibytes} MiB`;
    const needed = (processes: number) => `${bridgeMemory.bridge + processes * mebibytes}Mi`;
    const measure = "set bridge.processes.mebibytes to what one of them takes";
    const within = `the memory limit of ${toMebibytes(limit)} MiB, which holds ${parts}`;
    if (max !== undefined && max > held) {
        const repair = `raise resources.limits.memory to '${needed(max)}' or ${measure}`;
        const reason = `must be at most ${held} with ${within}, got ${max}; ${repair}`;
        return [{ path: "bridge.processes.max", reason }];
    }
    if (held < Math.max(1, warm)) {
        const path = warm > 1 ? "bridge.processes.warm" : "resources.limits.memory";
        const reason =
            warm > 1
                ? `must be at most ${held} with ${within}, got ${warm}`
                : `must hold ${parts}, at least '${needed(1)}', got ${toMebibytes(limit)} MiB`;
        return [{ path, reason: `${reason}; ${measure} if they are smaller` }];
    }
    const { memoryPercent = serverDefaults.scaling.memoryPercent } = server.scaling ?? {};
    const target = (request * memoryPercent) / 100;
    const { min, max: most } = server.replicas ?? defaultReplicas(server);
    const idle = bridgeMemory.bridge + warm * mebibytes;
    if (scalesOnMemory(server) && most > min && idle * mebibyte > target) {
        const reason =
            `must leave idle pods (${idle} MiB: ${parts}) below the autoscaler's memory target of ` +
            `${toMebibytes(target)} MiB, got ${warm}; raise resources.requests.memory, or scale on ['cpu'] alone`;
        return [{ path: "bridge.processes.warm", reason }];
    }
    return [];
}

/** Whether a server has several processes: each session, caller or request may get its own. */
export function hasProcessPool({
    transport,
    isolation,
}: Pick<MemorySettings, "transport" | "isolation">): boolean {
    return transport === "stdio" && isolation !== "shared";
}

function scalesOnMemory({ scaling = {} }: MemorySettings): boolean {
    const { metrics = serverDefaults.scaling.metrics } = scaling;
    return metrics.includes(ScalingMetric.memory);
}

/** Processes that fit into the memory limit beside the bridge. */
function fitting(server: MemorySettings): number {
    const { mebibytes = bridgeMemory.process } = server.bridge?.processes ?? {};
    const room = toMebibytes(memoryOf(server).limit) - bridgeMemory.bridge;
    return Math.max(0, Math.floor(room / mebibytes));
}

/** Requested and allowed bytes of a pod. */
function memoryOf({ resources = {} }: MemorySettings): Record<"request" | "limit", number> {
    const { requests, limits } = serverDefaults.resources;
    return {
        request: readQuantity(resources.requests?.memory ?? requests.memory),
        limit: readQuantity(resources.limits?.memory ?? limits.memory),
    };
}

function toMebibytes(bytes: number): number {
    return Math.floor(bytes / mebibyte);
}
