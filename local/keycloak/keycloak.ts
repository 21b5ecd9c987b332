import { createHash } from "node:crypto";
import { chown, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { ports } from "../cluster/addresses.ts";
import { ensureCertificate } from "../cluster/certificates.ts";
import type { CertificateFiles } from "../cluster/certificates.ts";
import type { Kubernetes } from "../cluster/kubernetes.ts";
import { waitForRollout } from "../cluster/rollout.ts";
import { retryLost } from "../lostConnection.ts";
import { paths } from "../paths.ts";
import type { ReasonRule } from "../readiness/reasonRules.ts";
import { ensureAdministrator } from "./administrator.ts";
import type { Administrator } from "./administrator.ts";
import { buildDataVolume, dataClaim } from "./dataVolume.ts";
import { buildDeployment, buildService } from "./deployment.ts";
import { checkAdministrator } from "./login.ts";

/** Address and credentials of the platform's Keycloak, as used from the machine. */
export interface Keycloak {
    url: string;
    administrator: Administrator;
}

const namespace = "keycloak";
/** Time for a first start on a busy machine: pull, augmentation, schema, master realm. */
const startSeconds = 600;
const url = `https://localhost:${ports.keycloak}`;

/** H2 rejects a damaged file at every start; Keycloak logs that and exits. */
const damagedDatabase: ReasonRule = {
    reasons: ["Error"],
    message: /MVStoreException|file is corrupted|file corrupted|invalid file header|90030/i,
    repair:
        "its database is damaged: put back a copy of its data, or remove the platform with " +
        "all that is in it ('npm run down -- --platform') and bring it up anew",
    graceSeconds: 15,
};

/**
 * Runs Keycloak in the cluster with a TLS certificate of the cluster's authority, and waits until its administrator can
 * log in.
 *
 * Realms are stored in the platform's state and survive restarts of the pod, the node and the machine.
 */
export async function ensureKeycloak(
    kubernetes: Kubernetes,
    authority: CertificateFiles,
    image: string,
): Promise<Keycloak> {
    const home = join(paths.platform, "keycloak");
    const directory = join(home, "data");
    const administrator = await ensureAdministrator(join(home, "administrator.json"));
    await mkdir(directory, { recursive: true });
    await chown(directory, 1000, 1000);
    const certificate = await readCertificate(authority);
    await forgetReleasedVolume(kubernetes);
    const items = [
        buildNamespace(),
        ...buildDataVolume(namespace, directory),
        buildSecret("keycloak-admin", "Opaque", { ...administrator }),
        buildSecret("keycloak-tls", "kubernetes.io/tls", certificate),
        buildDeployment({
            namespace,
            image,
            publicUrl: url,
            adminSecret: "keycloak-admin",
            certificateSecret: "keycloak-tls",
            certificateDigest: createHash("sha256").update(certificate["tls.crt"]).digest("hex"),
            dataClaim,
        }),
        buildService(namespace, ports.keycloak),
    ];
    await kubernetes.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await waitForRollout(kubernetes, {
        namespace,
        name: "keycloak",
        seconds: startSeconds,
        rules: [damagedDatabase],
    });
    await checkAdministrator(url, await readFile(authority.certificate, "utf8"), administrator);
    return { url, administrator };
}

async function readCertificate(
    authority: CertificateFiles,
): Promise<{ "tls.crt": string; "tls.key": string }> {
    const service = ["keycloak", "keycloak.keycloak", "keycloak.keycloak.svc"];
    const files = await ensureCertificate("keycloak", authority, {
        commonName: "keycloak",
        names: ["localhost", ...service, "keycloak.keycloak.svc.cluster.local"],
        addresses: ["127.0.0.1"],
    });
    return {
        "tls.crt": await readFile(files.certificate, "utf8"),
        "tls.key": await readFile(files.key, "utf8"),
    };
}

/** Deletes a volume in phase Released: it cannot be bound again. Its directory stays, and a new volume uses it. */
async function forgetReleasedVolume(kubernetes: Kubernetes): Promise<void> {
    const name = `persistentvolume/${dataClaim}`;
    const look = ["get", name, "--ignore-not-found", "-o", "jsonpath={.status.phase}"];
    const phase = await retryLost(() => kubernetes.kubectl(look), { seconds: 60 });
    if (phase === "Released" || phase === "Failed") await kubernetes.kubectl(["delete", name]);
}

function buildNamespace(): object {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    return { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
}

function buildSecret(name: string, type: string, stringData: Record<string, string>): object {
    return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type, stringData };
}
