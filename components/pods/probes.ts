import type * as k8s from "@pulumi/kubernetes";

/** Paths of health checks. */
export interface HealthPaths {
    /** Answers 2xx as long as the process need not be restarted. */
    live: string;
    /** Answers 2xx while the pod accepts calls. */
    ready: string;
    /**
     * Answers 2xx once the process has started; a pod that never starts is restarted.
     *
     * @default `ready`
     */
    started?: string;
}

type Probe = k8s.types.input.core.v1.Probe;

/**
 * Seconds for a container that is restarted because it does not answer. It has no call to finish, and the pod's grace
 * period, which is as long as the longest call, would be an outage.
 */
const restartGraceSeconds = 10;

/**
 * Start-up may take two minutes. After that a pod leaves the Service after two failures within ten seconds, and is
 * restarted after 30 seconds of failures. Without paths, the probes connect to the port.
 */
export function buildProbes(
    port: number,
    paths: HealthPaths | undefined,
): Record<"startupProbe" | "readinessProbe" | "livenessProbe", Probe> {
    const check = (path: string | undefined): Probe =>
        path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
    return {
        startupProbe: {
            ...check(paths?.started ?? paths?.ready),
            periodSeconds: 1,
            timeoutSeconds: 5,
            failureThreshold: 120,
            terminationGracePeriodSeconds: restartGraceSeconds,
        },
        readinessProbe: {
            ...check(paths?.ready),
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 2,
        },
        livenessProbe: {
            ...check(paths?.live),
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 3,
            terminationGracePeriodSeconds: restartGraceSeconds,
        },
    };
}
