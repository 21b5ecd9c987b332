import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig, V1Pod } from "@kubernetes/client-node";

import { eventually } from "./cluster.ts";

/** A pod that runs a program of an image with files of the test, and listens at one port. */
export interface FilePod {
    /** Name of the pod, of its Service and of the Secret with its files. */
    name: string;
    namespace: string;
    image: string;
    command: string[];
    /** Variables of the program. */
    environment?: Record<string, string>;
    /** Content of the files by name. */
    files: Record<string, string>;
    /** Where the files are. */
    directory: string;
    /** Port of the program. */
    port: number;
    /**
     * Path that the program answers over HTTP once it is ready.
     *
     * @default none; it is ready when its port is open
     */
    readyPath?: string;
    /**
     * Port of the Service.
     *
     * @default that of the program
     */
    servicePort?: number;
}

/** Starts a pod as Pod Security `restricted` demands it, with a Service, and waits until it is ready. */
export async function startFilePod(kubeConfig: KubeConfig, pod: FilePod): Promise<void> {
    const { name, namespace, files: stringData, port: targetPort, servicePort } = pod;
    const core = kubeConfig.makeApiClient(CoreV1Api);
    const metadata = { name, namespace, labels: { app: name } };
    await core.createNamespacedSecret({ namespace, body: { metadata, stringData } });
    await core.createNamespacedPod({ namespace, body: { metadata, spec: buildPod(pod) } });
    const ports = [{ port: servicePort ?? targetPort, targetPort }];
    const body = { metadata, spec: { selector: { app: name }, ports } };
    await core.createNamespacedService({ namespace, body });
    await eventually(`pod '${name}'`, 60, async () => {
        const { status } = await core.readNamespacedPod({ name, namespace });
        return status?.containerStatuses?.[0]?.ready;
    });
}

function buildPod({
    name,
    image,
    command,
    environment = {},
    directory,
    port,
    readyPath: path,
}: FilePod): V1Pod["spec"] {
    const probe = path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
    return {
        automountServiceAccountToken: false,
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
            {
                name,
                image,
                command,
                env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
                readinessProbe: { ...probe, periodSeconds: 1 },
                resources: { requests: { cpu: "10m" }, limits: { memory: "128Mi" } },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                    readOnlyRootFilesystem: true,
                },
                volumeMounts: [
                    { name: "files", mountPath: directory, readOnly: true },
                    { name: "temporary", mountPath: "/tmp" },
                ],
            },
        ],
        volumes: [
            { name: "files", secret: { secretName: name } },
            { name: "temporary", emptyDir: {} },
        ],
    };
}
