import { isValues, objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { objectsOf } from "./conditions.ts";
import { isObserved } from "./workloads.ts";

const revision = "deployment.kubernetes.io/revision";

/**
 * Selects the pods of their owner's newest revision. Problems of older pods end when these are replaced.
 *
 * Until the controller has observed a change, no pod is of the newest revision.
 */
export function selectNewest(
    owners: readonly Values[],
    replicaSets: readonly Values[],
    pods: readonly Values[],
): Values[] {
    return pods.filter((pod) => {
        const set = findController(pod, replicaSets);
        const owner = findController(set ?? pod, owners);
        if (owner === undefined) return true;
        if (!isObserved(owner)) return false;
        const [wanted, found] =
            set === undefined
                ? [newestOf(owner), labelOf(pod, owner)]
                : [annotationOf(owner, revision), annotationOf(set, revision)];
        return wanted === undefined || found === undefined || wanted === found;
    });
}

function findController(object: Values, candidates: readonly Values[]): Values | undefined {
    const controller = objectsOf(objectOf(object, "metadata"), "ownerReferences").find(
        (reference) => reference.controller === true,
    );
    if (controller === undefined) return undefined;
    return candidates.find((one) => objectOf(one, "metadata").uid === controller.uid);
}

function newestOf(owner: Values): string | undefined {
    return owner.kind === "DaemonSet"
        ? annotationOf(owner, "deprecated.daemonset.template.generation")
        : textOf(objectOf(owner, "status"), "updateRevision");
}

function labelOf(pod: Values, owner: Values): string | undefined {
    const { labels } = objectOf(pod, "metadata");
    const name =
        owner.kind === "DaemonSet" ? "pod-template-generation" : "controller-revision-hash";
    return isValues(labels) ? textOf(labels, name) : undefined;
}

function annotationOf(object: Values, name: string): string | undefined {
    return textOf(objectOf(objectOf(object, "metadata"), "annotations"), name);
}
