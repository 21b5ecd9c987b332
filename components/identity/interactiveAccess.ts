/** MCP programs with which people log in. Each name stands for the redirect URIs of its program. */
export const InteractiveProgram = {
    /** Claude on the web and on the desktop, and Claude Code. */
    claude: "claude",
    /** Visual Studio Code, on the desktop and on the web. */
    vscode: "vscode",
    /** Cursor, its command line and its agents. */
    cursor: "cursor",
    /** The MCP Inspector. */
    inspector: "inspector",
    /** `mcp-remote`, which connects programs that know stdio only; Gemini CLI has the same redirect URI. */
    mcpRemote: "mcp-remote",
    /** Codex. */
    codex: "codex",
} as const;

export type InteractiveProgram = (typeof InteractiveProgram)[keyof typeof InteractiveProgram];

/** Where a program receives the answer of a login, and the origin from which its pages call Keycloak. */
export interface ProgramAddresses {
    redirectUris: string[];
    /** @default [] */
    webOrigins?: string[];
}

/**
 * Addresses of each program. Keycloak accepts any port for a URI of `localhost` or `127.0.0.1` without one (RFC 8252
 * section 7.3).
 */
export const programAddresses: Record<InteractiveProgram, ProgramAddresses> = {
    claude: {
        redirectUris: [
            "https://claude.ai/api/mcp/auth_callback",
            "https://claude.com/api/mcp/auth_callback",
            "http://localhost/callback",
        ],
    },
    vscode: {
        redirectUris: [
            "http://127.0.0.1",
            "http://127.0.0.1/",
            "https://insiders.vscode.dev/redirect",
            "https://vscode.dev/redirect",
        ],
    },
    cursor: {
        redirectUris: [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost/callback",
        ],
    },
    inspector: {
        redirectUris: ["http://localhost:6274/oauth/callback"],
        webOrigins: ["http://localhost:6274"],
    },
    "mcp-remote": {
        redirectUris: ["http://127.0.0.1/oauth/callback", "http://localhost/oauth/callback"],
    },
    // The last part of its path is a hash of the server's URL.
    codex: { redirectUris: ["http://127.0.0.1/callback", "http://127.0.0.1/callback/*"] },
};

/** The public client with which people log in from their programs: authorization code with PKCE (S256), no password. */
export interface InteractiveAccess {
    /**
     * Client id, which people enter in their programs.
     *
     * @default `identityDefaults.interactive.clientId`
     */
    clientId?: string;
    /**
     * Programs that may use it.
     *
     * @default []
     */
    redirects?: InteractiveProgram[];
    /**
     * Redirect URIs of other programs: https, http of this machine (any port where none is given), or a scheme of the
     * program's own.
     *
     * @default []
     */
    redirectUris?: string[];
    /**
     * Origins of pages that log in by themselves.
     *
     * @default those of `redirects`
     */
    webOrigins?: string[];
    /**
     * Names of the servers that people may call with it.
     *
     * @default all
     */
    servers?: string[];
    /**
     * Whether Keycloak asks people before a program gets a scope. Any program of their machine can use a public client,
     * so that a login without their doing could otherwise go unnoticed.
     *
     * @default `identityDefaults.interactive.consent`
     */
    consent?: boolean;
    /**
     * Whether the tokens of a person end with the logout: Keycloak tells the verifier of it (OpenID Connect Back-Channel
     * Logout). It must run in the cluster, and `managers` of the verifier must admit its pods where network policies are
     * enforced.
     *
     * @default `identityDefaults.interactive.revokeOnLogout`
     */
    revokeOnLogout?: boolean;
}

/** All redirect URIs and web origins of a client, each once. */
export function resolveAddresses(access: InteractiveAccess): Required<ProgramAddresses> {
    const { redirects = [], redirectUris = [], webOrigins } = access;
    const programs = redirects.map((program) => programAddresses[program]);
    const unique = (texts: string[]) => [...new Set(texts)].sort();
    return {
        redirectUris: unique([...programs.flatMap((one) => one.redirectUris), ...redirectUris]),
        webOrigins: unique(webOrigins ?? programs.flatMap((one) => one.webOrigins ?? [])),
    };
}
