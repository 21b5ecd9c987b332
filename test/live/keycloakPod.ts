import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig, V1Deployment, V1Service } from "@kubernetes/client-node";

import { buildDeployment, buildService } from "../../local/keycloak/deployment.ts";
import { clusterAuthority, connectAdmin } from "../testRun/keycloakAdmin.ts";
import { openNodePort } from "../testRun/nodePort.ts";
import { testRun } from "../testRun/testRun.ts";
import { eventually } from "./cluster.ts";
import { makeClusterCertificate } from "./clusterCertificate.ts";

/** Time for a start with augmentation on a busy machine, in seconds. */
const startSeconds = 300;

/** A Keycloak beside the platform's, with the same administrator. */
export interface KeycloakPod {
    /** Its public address. */
    url: string;
    /** Its address for pods. */
    podUrl: string;
}

/**
 * Starts a Keycloak with features that the platform's does not have, in a new namespace, with whose end it is gone. It has
 * the platform's image and settings, an empty database, and trusts the cluster's authority where it fetches something.
 */
export async function startKeycloak(
    kubeConfig: KubeConfig,
    namespace: string,
    features: string[],
): Promise<KeycloakPod> {
    const core = kubeConfig.makeApiClient(CoreV1Api);
    const apps = kubeConfig.makeApiClient(AppsV1Api);
    const port = await openNodePort(kubeConfig, testRun().name);
    const url = `https://localhost:${port}`;
    const host = `keycloak.${namespace}.svc.cluster.local`;
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    const request = { commonName: namespace, names: ["localhost", host] };
    const { certificate, key } = await makeClusterCertificate(request);
    const { KEYCLOAK_USER: username = "", KEYCLOAK_PASSWORD: password = "" } = process.env;
    const secrets = {
        administrator: { username, password },
        certificate: { "tls.crt": certificate, "tls.key": key, "ca.crt": clusterAuthority() },
    };
    for (const [name, stringData] of Object.entries(secrets)) {
        await core.createNamespacedSecret({ namespace, body: { metadata: { name }, stringData } });
    }
    const { spec } = await apps.readNamespacedDeployment({
        name: "keycloak",
        namespace: "keycloak",
    });
    const deployment = buildDeployment({
        namespace,
        image: spec!.template.spec!.containers[0]!.image!,
        publicUrl: url,
        adminSecret: "administrator",
        certificateSecret: "certificate",
        certificateDigest: "",
        dataClaim: "",
    }) as V1Deployment;
    const pod = deployment.spec!.template.spec!;
    pod.containers[0]!.env!.push(
        { name: "KC_FEATURES", value: features.join(",") },
        { name: "KC_TRUSTSTORE_PATHS", value: "/certificate/ca.crt" },
    );
    pod.volumes = pod.volumes!.map((volume) =>
        volume.name === "data" ? { name: "data", emptyDir: {} } : volume,
    );
    await apps.createNamespacedDeployment({ namespace, body: deployment });
    const body = buildService(namespace, port) as V1Service;
    await core.createNamespacedService({ namespace, body });
    await eventually(`Keycloak with ${features.join()}`, startSeconds, () =>
        connectAdmin(url).catch(() => undefined),
    );
    return { url, podUrl: `https://${host}:8443` };
}
