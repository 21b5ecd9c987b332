import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

import { awaitAnswer } from "../doctor/ask.ts";
import { objectOf, textOf, type Values } from "../providers/protocol/values.ts";
import { type InFlight, nameOf } from "./serverRows.ts";

/** The bridge's metric of the requests that it is answering. */
const metric = /^mcp_requests_in_flight(?:\{[^}]*\})? (\d+(?:\.\d+)?)$/m;

/**
 * Reads the calls in flight of pods from their metrics, through the API server. Pods without annotations for Prometheus
 * have none, and a network policy may keep the API server out: those pods tell nothing.
 */
export async function readInFlight(
    kube: KubeConfig,
    namespace: string,
    pods: Values[],
): Promise<InFlight> {
    const core = kube.makeApiClient(CoreV1Api);
    const read = pods.map(async (pod) => {
        const name = nameOf(pod);
        const annotations = objectOf(objectOf(pod, "metadata"), "annotations");
        const port = textOf(annotations, "prometheus.io/port");
        if (port === undefined) return [name, undefined] as const;
        const path = (textOf(annotations, "prometheus.io/path") ?? "/metrics").slice(1);
        const place = { name: `${name}:${port}`, namespace, path };
        const text = await awaitAnswer(core.connectGetNamespacedPodProxyWithPath(place)).catch(
            () => "",
        );
        return [name, findInFlight(text)] as const;
    });
    return new Map(await Promise.all(read));
}

/** The number of calls in flight that a text of metrics tells. */
export function findInFlight(metrics: string): number | undefined {
    const found = metric.exec(metrics)?.[1];
    return found === undefined ? undefined : Number(found);
}
