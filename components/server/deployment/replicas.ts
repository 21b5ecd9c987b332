import type * as pulumi from "@pulumi/pulumi";

import { serverDefaults } from "../defaults.ts";
import type { ReplicaRange, Sessions, Transport, VolumeArgs } from "./settings.ts";

/** Settings that decide whether a server may have several pods. */
export interface PodState {
    transport?: Transport;
    sessions?: Sessions;
    volumes?: VolumeArgs[];
}

/**
 * Whether two pods of a server must never run at the same time: each would have a part of the sessions, or both would
 * write to a volume that one pod mounts at a time.
 */
export function runsAlone({ sessions, volumes = [] }: PodState): boolean {
    return sessions === "stateful" || findSoleClaim(volumes) !== undefined;
}

/** The first claim that only one pod may mount. */
export function findSoleClaim(volumes: VolumeArgs[] = []): pulumi.Input<string> | undefined {
    return volumes.find(({ claim, shared = false }) => claim !== undefined && !shared)?.claim;
}

/** One pod where a second could lose sessions or files. The bridge forwards the sessions of a stdio server. */
export function defaultReplicas(server: PodState): pulumi.Unwrap<ReplicaRange> {
    const { transport = serverDefaults.transport, sessions } = server;
    const mayKeepSessions = transport === "http" && sessions !== "stateless";
    return mayKeepSessions || runsAlone(server)
        ? serverDefaults.singleReplica
        : serverDefaults.replicas;
}
