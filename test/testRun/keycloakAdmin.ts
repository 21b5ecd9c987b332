import KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { KubeConfig } from "@kubernetes/client-node";

import { trustCertificates } from "../../verify/verifyStack.ts";

/** PEM certificate of the cluster's authority, which signed that of the Keycloak in it. */
export function clusterAuthority(): string {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    const authority = kubeConfig.getCurrentCluster()?.caData ?? "";
    return Buffer.from(authority, "base64").toString();
}

/** Logs in as administrator of a Keycloak, by default the platform's, with credentials from the environment. */
export async function connectAdmin(
    baseUrl = process.env["KEYCLOAK_URL"],
): Promise<KeycloakAdminClient> {
    trustCertificates(clusterAuthority());
    const admin = new KeycloakAdminClient({ baseUrl });
    await admin.auth({
        grantType: "password",
        clientId: process.env["KEYCLOAK_CLIENT_ID"] ?? "admin-cli",
        username: process.env["KEYCLOAK_USER"],
        password: process.env["KEYCLOAK_PASSWORD"],
    });
    return admin;
}
