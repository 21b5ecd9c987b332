import type { Route } from "../route.ts";

/** Addresses of pods: the DNS name that lists them, and the Service in front of them. */
export interface PodAddresses {
    podsHost: string;
    serviceHost: string;
    port: number;
}

/** A route whose addresses are known. */
export type ResolvedRoute = Omit<
    Route,
    "namespace" | "serviceName" | "headlessServiceName" | "podLabels" | "port"
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

/** Ports and files of NGINX; fixed inside the container. */
export interface NginxSurroundings {
    ports: { tls: number; plain: number; health: number };
    certificateFile: string;
    keyFile: string;
    /** Main configuration file. */
    configurationFile: string;
    /** Directory of the files of routes that do not fit into the main file; see `splitRoutes`. */
    routesDirectory: string;
    /** File with the `resolver` directive, written when the pod starts. */
    resolverFile: string;
    /** Writable directory. */
    temporary: string;
    /** Log of calls. */
    accessLog: string;
}
