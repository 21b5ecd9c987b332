import { addresses } from "./addresses.ts";
import { ensureAuthority, ensureCertificate, ensureServiceAccountKey } from "./certificates.ts";
import type { CertificateFiles } from "./certificates.ts";
import { writeKubeConfig } from "./kubeConfigFile.ts";

/** Name of the only node. */
export const nodeName = "slipway";

/** All certificates and kubeconfigs of the cluster, created once and kept. */
export interface Credentials {
    /** Signs all servers of the cluster; published to pods as `kube-root-ca.crt`. */
    authority: CertificateFiles;
    /** Signs only the aggregator, which impersonates users. */
    frontProxyAuthority: CertificateFiles;
    apiServer: CertificateFiles;
    apiServerToKubelet: CertificateFiles;
    frontProxy: CertificateFiles;
    /** Signs only etcd and its one client, because access to etcd is access to every Secret. */
    etcdAuthority: CertificateFiles;
    etcd: CertificateFiles;
    apiServerToEtcd: CertificateFiles;
    kubelet: CertificateFiles;
    metricsServer: CertificateFiles;
    serviceAccount: { private: string; public: string };
    kubeConfigs: Record<"admin" | "controllerManager" | "scheduler" | "kubelet" | "proxy", string>;
}

/** Creates the missing certificates and kubeconfigs of the cluster, and keeps the existing ones. */
export async function ensureCredentials(): Promise<Credentials> {
    const authority = await ensureAuthority("cluster");
    const frontProxyAuthority = await ensureAuthority("front-proxy-ca");
    const etcdAuthority = await ensureAuthority("etcd-ca");
    const issue = ensureCertificate;
    const user = async (name: string, commonName: string, organization?: string) =>
        writeKubeConfig(
            name,
            authority,
            await issue(name, authority, { commonName, organization }),
        );
    const kubelet = await issue("kubelet", authority, {
        commonName: `system:node:${nodeName}`,
        organization: "system:nodes",
        names: [nodeName],
        addresses: [addresses.node],
    });
    return {
        authority,
        frontProxyAuthority,
        apiServer: await issue("api-server", authority, {
            commonName: "kube-apiserver",
            names: [
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            ],
            addresses: ["127.0.0.1", addresses.node, addresses.apiService],
        }),
        apiServerToKubelet: await issue("api-server-to-kubelet", authority, {
            commonName: "kube-apiserver-kubelet-client",
            organization: "system:masters",
        }),
        frontProxy: await issue("front-proxy", frontProxyAuthority, {
            commonName: "front-proxy-client",
        }),
        etcdAuthority,
        etcd: await issue("etcd", etcdAuthority, { commonName: "etcd", addresses: ["127.0.0.1"] }),
        apiServerToEtcd: await issue("api-server-to-etcd", etcdAuthority, {
            commonName: "kube-apiserver",
        }),
        kubelet,
        metricsServer: await issue("metrics-server", authority, {
            commonName: "metrics-server",
            names: ["metrics-server.kube-system.svc"],
        }),
        serviceAccount: await ensureServiceAccountKey(),
        kubeConfigs: {
            admin: await user("admin", "slipway-admin", "system:masters"),
            controllerManager: await user("controller-manager", "system:kube-controller-manager"),
            scheduler: await user("scheduler", "system:kube-scheduler"),
            kubelet: await writeKubeConfig("kubelet", authority, kubelet),
            proxy: await user("proxy", "system:kube-proxy"),
        },
    };
}
