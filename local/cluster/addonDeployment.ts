/** One of the cluster's own Deployments: a single static binary without privileges. */
export interface Addon {
    name: string;
    image: string;
    args: string[];
    capabilities: string[];
    dnsPolicy: "Default" | "ClusterFirst";
    probe: { path: string; port: number; scheme: "HTTP" | "HTTPS" };
    volume: { mountPath: string; source: object };
}

export function buildAddon(addon: Addon): object {
    const { name, image, args, capabilities, dnsPolicy, probe, volume } = addon;
    const labels = { "app.kubernetes.io/name": name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: "kube-system" },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    serviceAccountName: name,
                    priorityClassName: "system-cluster-critical",
                    dnsPolicy,
                    containers: [
                        {
                            name,
                            image,
                            imagePullPolicy: "Never",
                            args,
                            readinessProbe: { httpGet: probe, periodSeconds: 2 },
                            resources: { requests: { cpu: "20m", memory: "40Mi" } },
                            securityContext: {
                                allowPrivilegeEscalation: false,
                                capabilities: { drop: ["ALL"], add: capabilities },
                                readOnlyRootFilesystem: true,
                                runAsNonRoot: capabilities.length === 0,
                                // Port 53 needs a capability, which only root keeps over the start of a program.
                                runAsUser: capabilities.length === 0 ? 65532 : 0,
                            },
                            volumeMounts: [
                                { name: "settings", mountPath: volume.mountPath, readOnly: true },
                                { name: "tmp", mountPath: "/tmp" },
                            ],
                        },
                    ],
                    volumes: [
                        { name: "settings", ...volume.source },
                        { name: "tmp", emptyDir: {} },
                    ],
                },
            },
        },
    };
}
