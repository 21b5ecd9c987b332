import type * as pulumi from "@pulumi/pulumi";

/** Which calls share a process of a stdio server. */
export const Isolation = {
    /** All calls, except that a client to which the server may send requests gets its own process. */
    auto: "auto",
    /** All calls. */
    shared: "shared",
    /** Those of a session. */
    session: "session",
    /** Those of a caller. */
    principal: "principal",
    /** None: each call gets its own process. */
    request: "request",
} as const;

export type Isolation = (typeof Isolation)[keyof typeof Isolation];

/** What the bridge logs of a stdio server's stderr, which may hold arguments of calls. */
export const ServerLog = {
    /** Nothing. */
    off: "off",
    /** What it writes before its first call, without what looks like a secret. */
    start: "start",
    /** Everything, without what looks like a secret. */
    redacted: "redacted",
    /** Everything. */
    all: "all",
} as const;

export type ServerLog = (typeof ServerLog)[keyof typeof ServerLog];

/** Sessions of clients, per pod. */
export interface SessionSettings {
    /**
     * Seconds without a request after which a session ends.
     *
     * @default `bridgeDefaults.sessions.idleSeconds`
     */
    idleSeconds?: number;
    /**
     * Longest lifetime of a session, in seconds.
     *
     * @default `bridgeDefaults.sessions.lifetimeSeconds`
     */
    lifetimeSeconds?: number;
    /**
     * Most concurrent sessions.
     *
     * @default `bridgeDefaults.sessions.max`
     */
    max?: number;
}

/** Processes of a stdio server, per pod. */
export interface ProcessSettings {
    /**
     * Most concurrent processes; callers that need a further one are answered with 503.
     *
     * @default as many as the memory limit of the pod holds, at most `bridgeDefaults.processes.max`
     */
    max?: number;
    /**
     * Memory of one process in mebibytes; all processes and the bridge itself must fit into the memory limit of the pod.
     *
     * @default `bridgeMemory.process`
     */
    mebibytes?: number;
    /**
     * Processes kept started for the next caller that needs its own.
     *
     * @default `bridgeDefaults.processes.warm`
     */
    warm?: number;
}

/** Concurrent calls, per pod; further ones are answered with 503 or 429. */
export interface CallSettings {
    /**
     * Most concurrent calls of all callers.
     *
     * @default `bridgeDefaults.calls.max`
     */
    max?: number;
    /**
     * Most concurrent calls of one caller.
     *
     * @default `bridgeDefaults.calls.maxPerCaller`
     */
    maxPerCaller?: number;
}

/** How the bridge serves a stdio server. */
export interface BridgeSettings {
    /** Sessions of clients. */
    sessions?: SessionSettings;
    /** Processes of the server; only with an `isolation` other than `shared`. */
    processes?: ProcessSettings;
    /** Concurrent calls. */
    calls?: CallSettings;
    /**
     * Variables of the image that the server needs, such as `JAVA_HOME`. The bridge passes the usual ones (`PATH`,
     * `HOME`, locale, proxies, certificates), `env` and `secrets` anyway, and no others.
     *
     * @default []
     */
    imageVariables?: string[];
    /**
     * What is logged of the server's stderr.
     *
     * @default `bridgeDefaults.serverLog`
     */
    serverLog?: ServerLog;
    /**
     * Also expose the tools as a REST API: `/tools`, `/call`, `/openapi.json`, and the pages `/docs` and `/redoc`.
     *
     * @default `bridgeDefaults.rest`
     */
    rest?: boolean;
}

/** Public address and scopes of an endpoint, which callers that lack a tool's scope are told. */
export interface BridgeEndpoint {
    /** Resource URI. */
    resource: string;
    /** Scopes that every token carries. */
    scopes: string[];
}

/** The bridge of one server. */
export interface BridgeArgs extends BridgeSettings {
    /** Bridge image, pinned. Its runtime is copied into the pod, so the server's image needs none. */
    image: pulumi.Input<string>;
    /**
     * Public address and scopes of the endpoint.
     *
     * @default none; callers that lack a tool's scope are told that scope alone
     */
    endpoint?: BridgeEndpoint;
    /**
     * Largest request in mebibytes; should equal the gateway's limit.
     *
     * @default `serverDefaults.limits.bodyMebibytes`
     */
    bodyMebibytes?: number;
}

/** Tools of a stdio server. */
export interface ToolRules {
    /**
     * Tools that callers may use; `*` matches any text.
     *
     * @default all
     */
    allow?: string[];
    /**
     * Additional scopes that a tool requires, by tool.
     *
     * @default {}
     */
    scopes?: Record<string, string[]>;
    /**
     * Whether arguments that do not match the tool's schema are refused before they reach the server.
     *
     * @default `bridgeDefaults.checkArguments`
     */
    checkArguments?: boolean;
}

/** Paths of the bridge besides the MCP endpoint. */
export const bridgePaths = {
    /** REST API. */
    rest: ["/tools", "/call", "/openapi.json"],
    /** Pages of the REST API; they show nothing of the server until the reader enters a token. */
    pages: ["/docs", "/redoc"],
    /** Paths for the cluster only. */
    internal: ["/livez", "/readyz", "/health", "/metrics"],
};

/** All scopes that tools require, once each. */
export function listToolScopes({ scopes = {} }: ToolRules = {}): string[] {
    return [...new Set(Object.values(scopes).flat())];
}
