import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { conditionOf, countOf } from "./conditions.ts";
import { failed, ready, waiting } from "./readiness.ts";
import type { Readiness } from "./readiness.ts";

/** Ready when every pod is of the newest revision and available, as `kubectl rollout status` judges. */
export function judgeDeployment(object: Values): Readiness {
    const status = objectOf(object, "status");
    if (!isObserved(object)) return waiting("the controller has not seen the change yet");
    const progressing = conditionOf(object, "Progressing");
    if (progressing?.reason === "ProgressDeadlineExceeded") return failed(progressing.message);
    const wanted = replicasOf(object);
    const updated = countOf(status, "updatedReplicas");
    const available = countOf(status, "availableReplicas");
    const old = countOf(status, "replicas") - updated;
    const failure = conditionOf(object, "ReplicaFailure");
    const note = failure?.status === "True" ? `: ${failure.message}` : "";
    if (updated < wanted)
        return waiting(`${updated} of ${wanted} pods of the new revision exist${note}`);
    if (old > 0) return waiting(`${old} pods of the old revision still run`);
    if (available < updated) return waiting(`${available} of ${updated} pods are available${note}`);
    return ready;
}

/** Ready when every pod is of the newest revision and ready. */
export function judgeStatefulSet(object: Values): Readiness {
    const status = objectOf(object, "status");
    if (!isObserved(object)) return waiting("the controller has not seen the change yet");
    const wanted = replicasOf(object);
    const readyPods = countOf(status, "readyReplicas");
    if (readyPods < wanted) return waiting(`${readyPods} of ${wanted} pods are ready`);
    const strategy = textOf(objectOf(objectOf(object, "spec"), "updateStrategy"), "type");
    const current = textOf(status, "currentRevision");
    if (strategy !== "OnDelete" && current !== textOf(status, "updateRevision"))
        return waiting(`${countOf(status, "updatedReplicas")} of ${wanted} pods are updated`);
    return ready;
}

/** Ready when every node that should run a pod has an available one of the newest revision. */
export function judgeDaemonSet(object: Values): Readiness {
    const status = objectOf(object, "status");
    if (!isObserved(object)) return waiting("the controller has not seen the change yet");
    const wanted = countOf(status, "desiredNumberScheduled");
    const updated = countOf(status, "updatedNumberScheduled");
    const available = countOf(status, "numberAvailable");
    if (updated < wanted || available < wanted)
        return waiting(`${Math.min(updated, available)} of ${wanted} pods are available`);
    return ready;
}

/** Ready when the Job is complete. */
export function judgeJob(object: Values): Readiness {
    const failure = conditionOf(object, "Failed");
    if (failure?.status === "True") return failed(failure.message);
    if (conditionOf(object, "Complete")?.status === "True") return ready;
    const { succeeded, failed: lost } = objectOf(object, "status");
    return waiting(`${Number(succeeded ?? 0)} pods succeeded, ${Number(lost ?? 0)} failed`);
}

/** Ready when the pod is ready or has succeeded. */
export function judgePod(object: Values): Readiness {
    const phase = textOf(objectOf(object, "status"), "phase");
    if (phase === "Succeeded") return ready;
    if (phase === "Failed") return failed("the pod failed");
    if (conditionOf(object, "Ready")?.status === "True") return ready;
    return waiting(`the pod is in phase ${phase ?? "unknown"}`);
}

/** Whether the object's controller has observed its latest generation. */
export function isObserved(object: Values): boolean {
    const generation = countOf(objectOf(object, "metadata"), "generation");
    return countOf(objectOf(object, "status"), "observedGeneration") >= generation;
}

/** Desired number of pods; the API server's default is one. */
function replicasOf(object: Values): number {
    const { replicas } = objectOf(object, "spec");
    return typeof replicas === "number" ? replicas : 1;
}
