import type * as k8s from "@pulumi/kubernetes";

/** Paths that tell how a server is. */
export interface HealthPaths {
    /** Answers 2xx while the process is worth keeping. */
    live: string;
    /** Answers 2xx while calls are welcome. */
    ready: string;
    /**
     * Answers 2xx once the process has started; a pod that never gets there is restarted.
     *
     * @default `ready`
     */
    started?: string;
}

type Probe = k8s.types.input.core.v1.Probe;

/**
 * Start-up may take two minutes; then a pod leaves the Service after two failures within ten seconds, and is restarted
 * after 30 seconds without a sign of life. Without paths an open port has to do.
 */
export function buildProbes(
    port: number,
    paths: HealthPaths | undefined,
): Record<"startupProbe" | "readinessProbe" | "livenessProbe", Probe> {
    const asks = (path: string | undefined): Probe =>
        path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
    return {
        startupProbe: {
            ...asks(paths?.started ?? paths?.ready),
            periodSeconds: 1,
            timeoutSeconds: 5,
            failureThreshold: 120,
        },
        readinessProbe: {
            ...asks(paths?.ready),
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 2,
        },
        livenessProbe: {
            ...asks(paths?.live),
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 3,
        },
    };
}
