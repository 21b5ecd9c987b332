import { addresses, apiServerUrl } from "./addresses.ts";
import type { Credentials } from "./credentials.ts";
import { ensureEtcd, etcdUrl } from "./etcd.ts";
import { flags } from "./flags.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Node } from "./node.ts";

/** Starts etcd, API server, controller manager and scheduler, each when the previous one is ready. */
export async function ensureControlPlane(
    node: Node,
    kubernetes: Kubernetes,
    credentials: Credentials,
): Promise<void> {
    await ensureEtcd(node, credentials);
    await node.service({
        name: "kube-apiserver",
        command: [kubernetes.program("kube-apiserver"), ...flags(apiServer(credentials))],
        files: listCertificates(credentials),
        ready: async () => {
            await kubernetes.kubectl(["get", "--raw", "/readyz"]);
            return true;
        },
    });
    await node.service({
        name: "kube-controller-manager",
        command: [
            kubernetes.program("kube-controller-manager"),
            ...flags({
                kubeconfig: credentials.kubeConfigs.controllerManager,
                "authentication-kubeconfig": credentials.kubeConfigs.controllerManager,
                "authorization-kubeconfig": credentials.kubeConfigs.controllerManager,
                "leader-elect": "false",
                "use-service-account-credentials": "true",
                "service-account-private-key-file": credentials.serviceAccount.private,
                "root-ca-file": credentials.authority.certificate,
                // Shorter than the default, which suits large clusters: autoscaling shows within seconds.
                "horizontal-pod-autoscaler-sync-period": "5s",
                "horizontal-pod-autoscaler-cpu-initialization-period": "30s",
                "horizontal-pod-autoscaler-initial-readiness-delay": "10s",
            }),
        ],
        files: [credentials.kubeConfigs.controllerManager, credentials.serviceAccount.private],
        ready: () => answers(node, "https://127.0.0.1:10257/healthz"),
    });
    await node.service({
        name: "kube-scheduler",
        command: [
            kubernetes.program("kube-scheduler"),
            ...flags({
                kubeconfig: credentials.kubeConfigs.scheduler,
                "authentication-kubeconfig": credentials.kubeConfigs.scheduler,
                "authorization-kubeconfig": credentials.kubeConfigs.scheduler,
                "leader-elect": "false",
            }),
        ],
        files: [credentials.kubeConfigs.scheduler],
        ready: () => answers(node, "https://127.0.0.1:10259/healthz"),
    });
}

function apiServer(credentials: Credentials): Record<string, string> {
    const { authority, frontProxyAuthority, serviceAccount } = credentials;
    return {
        "etcd-servers": etcdUrl,
        "etcd-cafile": credentials.etcdAuthority.certificate,
        "etcd-certfile": credentials.apiServerToEtcd.certificate,
        "etcd-keyfile": credentials.apiServerToEtcd.key,
        "advertise-address": addresses.node,
        "secure-port": "6443",
        "service-cluster-ip-range": addresses.services,
        "allow-privileged": "true",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "anonymous-auth": "false",
        "client-ca-file": authority.certificate,
        "tls-cert-file": credentials.apiServer.certificate,
        "tls-private-key-file": credentials.apiServer.key,
        "kubelet-certificate-authority": authority.certificate,
        "kubelet-client-certificate": credentials.apiServerToKubelet.certificate,
        "kubelet-client-key": credentials.apiServerToKubelet.key,
        // No DNS server resolves the node's name.
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "service-account-key-file": serviceAccount.public,
        "service-account-signing-key-file": serviceAccount.private,
        "requestheader-client-ca-file": frontProxyAuthority.certificate,
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "proxy-client-cert-file": credentials.frontProxy.certificate,
        "proxy-client-key-file": credentials.frontProxy.key,
        "enable-aggregator-routing": "true",
        "external-hostname": new URL(apiServerUrl).hostname,
    };
}

/** All certificates of the API server, which is restarted when one is renewed. */
function listCertificates(credentials: Credentials): string[] {
    const { authority, frontProxyAuthority, etcdAuthority, apiServer } = credentials;
    const { apiServerToEtcd, apiServerToKubelet, frontProxy } = credentials;
    return [
        ...[authority, frontProxyAuthority, etcdAuthority, apiServer],
        ...[apiServerToEtcd, apiServerToKubelet, frontProxy],
    ].map(({ certificate }) => certificate);
}

/** Whether a health endpoint on the node's loopback succeeds; its certificate, new at each start, is not verified. */
async function answers(node: Node, url: string): Promise<boolean> {
    return (await node.enter("curl", ["-skf", url])) === "ok";
}
