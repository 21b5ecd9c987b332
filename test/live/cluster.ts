import { AppsV1Api, AutoscalingV2Api, CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig, V1Deployment, V1Pod } from "@kubernetes/client-node";
import { setTimeout } from "node:timers/promises";

import { testRun } from "../testRun/testRun.ts";

/** The Deployment of one server of the test stack. */
export async function readDeployment(kube: KubeConfig, server: string): Promise<V1Deployment> {
    const { items } = await kube.makeApiClient(AppsV1Api).listNamespacedDeployment({
        namespace: testRun().name,
        labelSelector: `app.kubernetes.io/name=${server}`,
    });
    if (items.length !== 1) throw new Error(`'${server}' has ${items.length} Deployments`);
    return items[0]!;
}

/** The ready pods of one server that are not being deleted. */
export async function listReadyPods(kube: KubeConfig, server: string): Promise<V1Pod[]> {
    const { items } = await kube.makeApiClient(CoreV1Api).listNamespacedPod({
        namespace: testRun().name,
        labelSelector: `app.kubernetes.io/name=${server}`,
    });
    return items.filter(
        ({ metadata, status }) =>
            metadata?.deletionTimestamp === undefined &&
            (status?.conditions ?? []).some(
                ({ type, status }) => type === "Ready" && status === "True",
            ),
    );
}

export async function readAutoscaler(kube: KubeConfig, server: string) {
    const { items } = await kube
        .makeApiClient(AutoscalingV2Api)
        .listNamespacedHorizontalPodAutoscaler({
            namespace: testRun().name,
            labelSelector: `app.kubernetes.io/name=${server}`,
        });
    if (items.length !== 1) throw new Error(`'${server}' has ${items.length} autoscalers`);
    return items[0]!;
}

/** Looks every two seconds until `look` gives something; says what it waited for when it never does. */
export async function eventually<T>(
    what: string,
    seconds: number,
    look: () => Promise<T | undefined | false>,
): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const seen = await look();
        if (seen !== undefined && seen !== false) return seen;
        if (Date.now() > end) throw new Error(`${what}: not seen within ${seconds} s`);
        await setTimeout(2000);
    }
}
