import type { Route } from "../route.ts";

/** Addresses of pods: the DNS name that lists them, and the Service in front of them. */
export interface PodAddresses {
    podsHost: string;
    serviceHost: string;
    /** Address of the Service; NGINX looks up `serviceHost` when it is unknown. */
    serviceAddress?: string | undefined;
    port: number;
}

/** A route whose addresses are known. */
export type ResolvedRoute = Omit<
    Route,
    "namespace" | "serviceName" | "serviceAddress" | "headlessServiceName" | "podLabels" | "port"
> &
    PodAddresses & { host: string };

/** What an NGINX configuration is rendered from. */
export interface NginxConfiguration {
    /** Hosts, that of the gateway first; requests for any other are answered with 421. */
    hosts: string[];
    /** Public port. */
    publicPort: number;
    /**
     * Whether a trusted proxy, such as an Ingress controller, stands in front: it terminates TLS, so that the gateway needs
     * no certificate, and tells the client's address.
     */
    behindProxy: boolean;
    routes: ResolvedRoute[];
    /** Addresses of the token verifier. */
    verifier: PodAddresses;
    /** How long a call may continue after NGINX was told to stop, in seconds. */
    longestCallSeconds: number;
}

/** Whether clients are asked for a certificate: some server takes only tokens that are bound to one (RFC 8705). */
export function asksForCertificates({ routes }: NginxConfiguration): boolean {
    return routes.some(({ certificateBound }) => certificateBound === true);
}

/** Ports and files of NGINX; fixed inside the container. */
export interface NginxSurroundings {
    ports: { tls: number; plain: number; health: number };
    /** Writable directory. */
    temporary: string;
    /** Log of calls. */
    accessLog: string;
}

/**
 * Files beside the configuration, written where it is loaded: they depend on the pod. The names of `nameservers` is a
 * word in the configuration that is replaced.
 */
export const loadedFiles = {
    configuration: "nginx.conf",
    /** Certificate and key; without these, a check rejects handshakes. */
    tls: "tls.conf",
    certificate: "tls.crt",
    key: "tls.key",
    /** Gauges of connections, where NGINX was built with them. */
    metrics: "metrics.conf",
} as const;

/** Stands for the addresses of DNS: NGINX does not read resolv.conf, and they differ between clusters. */
export const nameserversWord = "nameservers-of-the-pod";
