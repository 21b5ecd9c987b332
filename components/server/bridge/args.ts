/** How long a client's session is kept, and how many there are. */
export interface SessionSettings {
    /**
     * Seconds without a request after which a session ends.
     *
     * @default 1800
     */
    idleSeconds?: number;
    /**
     * Longest life of a session, in seconds.
     *
     * @default 86400
     */
    lifetimeSeconds?: number;
    /**
     * Sessions of one pod at once.
     *
     * @default 10000
     */
    max?: number;
}

/** Processes of a stdio server in one pod. */
export interface ProcessSettings {
    /**
     * Processes at once; a caller beyond it is told to come back.
     *
     * @default 32
     */
    max?: number;
    /**
     * Processes kept started for the next caller that needs one of its own.
     *
     * @default 1
     */
    warm?: number;
}

/** Calls that one pod answers at once; one beyond it is told to come back. */
export interface CallSettings {
    /**
     * Of all callers together.
     *
     * @default 1000
     */
    max?: number;
    /**
     * Of one caller.
     *
     * @default 256
     */
    maxPerCaller?: number;
}

/** How the bridge serves a stdio server; what is left out is the bridge's own default. */
export interface BridgeSettings {
    /** Sessions of clients. */
    sessions?: SessionSettings;
    /** Processes of the server; only where `isolation` gives callers their own. */
    processes?: ProcessSettings;
    /** Calls at once. */
    calls?: CallSettings;
    /**
     * Variables that the image itself sets and the server needs, such as `JAVA_HOME`. The usual ones (`PATH`, `HOME`,
     * language, proxies, certificates) and those of `env` and `secrets` it has anyway; no others.
     *
     * @default []
     */
    imageVariables?: string[];
    /**
     * Whether tools are public as REST as well: `/tools`, `/call`, `/openapi.json`, and the pages `/docs` and `/redoc`.
     *
     * @default false
     */
    rest?: boolean;
}

/** Which tools of a stdio server callers have. */
export interface ToolRules {
    /**
     * Tools that exist for callers; `*` stands for any text.
     *
     * @default all
     */
    allow?: string[];
    /**
     * Scopes that a call of a tool needs besides the server's own, by tool.
     *
     * @default {}
     */
    scopes?: Record<string, string[]>;
    /**
     * Whether arguments that do not match the tool's schema are refused before the server sees them.
     *
     * @default false
     */
    checkArguments?: boolean;
}

/** Paths of the bridge beside the MCP endpoint. */
export const bridgePaths = {
    /** Tools as REST. */
    rest: ["/tools", "/call", "/openapi.json"],
    /** Pages that show them; they hold nothing of the server until a reader gives them a token. */
    pages: ["/docs", "/redoc"],
    /** For the cluster only. */
    internal: ["/livez", "/readyz", "/health", "/metrics"],
};

/** Every scope that some tool needs, once. */
export function listToolScopes({ scopes = {} }: ToolRules = {}): string[] {
    return [...new Set(Object.values(scopes).flat())];
}
