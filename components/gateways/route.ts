import type * as pulumi from "@pulumi/pulumi";

/** Public host and port of a gateway, always over TLS. */
export interface PublicAddress {
    /**
     * Host name in lower case or IPv4 address, without scheme, port or path. Plain, because it is part of every token's
     * audience.
     */
    host: string;
    /**
     * Public TCP port.
     *
     * @default `gatewayDefaults.port`
     */
    port?: number;
}

/** Limits of one caller of one server. */
export interface RouteLimits {
    /** Average calls per second, per identity and gateway pod; more are answered with 429. */
    requestsPerSecond: number;
    /** Calls above the average that are accepted at once. */
    burst: number;
    /**
     * Calls and open streams at a time, per identity and gateway pod; more are answered with 429.
     *
     * @default `gatewayDefaults.concurrentCalls`
     */
    concurrentCalls?: number;
    /** Largest request body in mebibytes; larger ones are answered with 413. */
    bodyMebibytes: number;
}

/** Browser pages that may call a server. */
export interface RouteCors {
    /** Origins such as `https://inspector.example.org`, or `*` for any: calls carry a token, never a cookie. */
    origins: string[];
}

/** Everything that a gateway needs to know of one server. */
export interface Route {
    /** Name of the server. */
    server: string;
    /**
     * Public host of the server.
     *
     * @default that of the gateway
     */
    host?: string;
    /** Public path of the server, without trailing slash; empty at the root of its host. */
    prefix: string;
    /** Whether the gateway removes the prefix before it forwards a request. */
    stripPrefix: boolean;
    /** Paths of the server (below the prefix) that require a token, each with everything below it. */
    publicPaths: string[];
    /** Paths without token check, as they reveal nothing of the server; each with everything below it. */
    openPaths: string[];
    /** Namespace of the server's Services and pods. */
    namespace: pulumi.Input<string>;
    /** Service in front of the pods; always up to date, while DNS lists of pods may be seconds old. */
    serviceName: pulumi.Input<string>;
    /**
     * IP address of that Service, with which a gateway need not ask DNS for it.
     *
     * @default none
     */
    serviceAddress?: pulumi.Input<string>;
    /** Headless Service, whose DNS name resolves to every ready pod. */
    headlessServiceName: pulumi.Input<string>;
    /** Labels of the pods. */
    podLabels: Record<string, string>;
    /** Port of the Services and the pods. */
    port: number;
    /** Resource URI: audience of the tokens, RFC 9728 `resource`, and the URL that clients use. */
    resource: string;
    /** Scopes that a token must carry, all of them. */
    scopes: string[];
    /**
     * Whether the issuer is asked for each token whether it was revoked.
     *
     * @default false
     */
    checkRevocation?: boolean;
    /**
     * Whether tokens must be bound to the certificate of the client (RFC 8705).
     *
     * @default false
     */
    certificateBound?: boolean;
    /** Limits of one caller. */
    limits: RouteLimits;
    /** Browser pages that may call the server. */
    cors: RouteCors;
    /** Longest duration of one call, in seconds. */
    longestCallSeconds: number;
}
