import { ApiextensionsV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import type { V1CustomResourceDefinition } from "@kubernetes/client-node";

import { findRunName } from "./testRun.ts";

/** Label of CustomResourceDefinitions, whose names are given: the run that installed them. */
const runLabel = "slipway.io/test-run";

/** The definition as a run installs it, so that it is removed with the run. */
export function markDefinition(
    definition: V1CustomResourceDefinition,
    run: string,
): V1CustomResourceDefinition {
    const { metadata = {} } = definition;
    const labels = { ...metadata.labels, [runLabel]: run };
    return { ...definition, metadata: { ...metadata, labels } };
}

/** Objects of test runs that are in no namespace, by kind. */
export const clusterKinds = {
    "custom resource definition": {
        list: async () => {
            const { items } = await clients().definitions.listCustomResourceDefinition({
                labelSelector: runLabel,
            });
            return items.map(
                ({ metadata }) => `${metadata?.labels?.[runLabel]}: ${metadata?.name}`,
            );
        },
        remove: async (names: string[]) => {
            for (const name of names) {
                await clients().definitions.deleteCustomResourceDefinition({
                    name: name.replace(/^.*: /, ""),
                });
            }
        },
    },
    "ingress class": {
        list: async () => {
            const { items } = await clients().networking.listIngressClass();
            const names = items.map(({ metadata }) => metadata?.name ?? "");
            return names.filter((name) => findRunName(name) !== undefined);
        },
        remove: async (names: string[]) => {
            for (const name of names) await clients().networking.deleteIngressClass({ name });
        },
    },
};

function clients() {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return {
        definitions: kubeConfig.makeApiClient(ApiextensionsV1Api),
        networking: kubeConfig.makeApiClient(NetworkingV1Api),
    };
}
