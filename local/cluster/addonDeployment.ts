import { createHash } from "node:crypto";

/** An add-on of the cluster: a Deployment of one static binary without privileges. */
export interface Addon {
    name: string;
    image: string;
    args: string[];
    capabilities: string[];
    dnsPolicy: "Default" | "ClusterFirst";
    probe: { path: string; port: number; scheme: "HTTP" | "HTTPS" };
    volume: { mountPath: string; source: object };
    /** Content of the volume. Programs read it at start only, so pods are replaced when it changes. */
    settings: string;
}

/** Renders the Deployment of an add-on. */

export function buildAddon(addon: Addon): object {
    const { name, image, args, capabilities, dnsPolicy, probe, volume, settings } = addon;
    const labels = { "app.kubernetes.io/name": name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: "kube-system" },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels, annotations: { "slipway.local/settings": hash(settings) } },
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
                            terminationMessagePolicy: "FallbackToLogsOnError",
                            readinessProbe: { httpGet: probe, periodSeconds: 2 },
                            resources: { requests: { cpu: "20m", memory: "40Mi" } },
                            securityContext: {
                                allowPrivilegeEscalation: false,
                                capabilities: { drop: ["ALL"], add: capabilities },
                                readOnlyRootFilesystem: true,
                                runAsNonRoot: capabilities.length === 0,
                                // Port 53 needs a capability, and only root keeps capabilities over exec.
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

function hash(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
