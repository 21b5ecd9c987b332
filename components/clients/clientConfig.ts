import {
    writeClaudeCode,
    writeClaudeDesktop,
    writeCodex,
    type WriteConfig,
    writeCursor,
    writeFlowise,
    writeGemini,
    writeVsCode,
    writeWindsurf,
} from "./editors.ts";
import { type ClientEndpoint, type ClientFiles, clientVariables } from "./endpoint.ts";
import {
    writeCurl,
    writeInspector,
    writePython,
    writeTypeScript,
    writeTypeScriptV1,
} from "./programs.ts";

/**
 * How a client is authorized: by a token from its environment (`token`), one that it asks its user for (`prompt`), or by
 * tokens that it requests itself with the credentials of a machine client (`credentials`).
 */
export type Authorization = "token" | "prompt" | "credentials";

/** An MCP client and its form of configuration. */
export interface ClientKind {
    /** Name for people. */
    title: string;
    /** Where its configuration goes. */
    file: string;
    authorization: Authorization;
    /** Environment variable that names the PEM file of further authorities. */
    caVariable: "NODE_EXTRA_CA_CERTS" | "SSL_CERT_FILE" | undefined;
    /** Whether one configuration may contain several servers. */
    several: boolean;
    write: WriteConfig;
}

const node = "NODE_EXTRA_CA_CERTS";

/** Every client that configurations are written for. */
export const clientKinds = {
    claudeCode: kind("Claude Code", ".mcp.json", "token", node, writeClaudeCode),
    claudeDesktop: kind(
        "Claude Desktop",
        "claude_desktop_config.json (Settings, Developer, Edit Config)",
        "credentials",
        node,
        writeClaudeDesktop,
    ),
    vscode: kind("VS Code", ".vscode/mcp.json", "prompt", node, writeVsCode),
    cursor: kind("Cursor", ".cursor/mcp.json", "token", node, writeCursor),
    windsurf: kind("Windsurf", "~/.codeium/windsurf/mcp_config.json", "token", node, writeWindsurf),
    gemini: kind("Gemini CLI", "~/.gemini/settings.json", "token", node, writeGemini),
    codex: kind("Codex", "~/.codex/config.toml", "token", "SSL_CERT_FILE", writeCodex),
    flowise: {
        ...kind("Flowise", "MCP Server Config of a Custom MCP node", "prompt", node, writeFlowise),
        several: false,
    },
    inspector: kind("MCP Inspector", "a shell", "token", node, writeInspector),
    curl: kind("curl", "a shell", "token", undefined, writeCurl),
    typescript: {
        ...kind("TypeScript SDK v2", "client.ts", "credentials", node, writeTypeScript),
        several: false,
    },
    typescriptV1: {
        ...kind("TypeScript SDK v1", "client.ts", "credentials", node, writeTypeScriptV1),
        several: false,
    },
    python: {
        ...kind("Python SDK", "client.py", "credentials", "SSL_CERT_FILE", writePython),
        several: false,
    },
} satisfies Record<string, ClientKind>;

/** Key of a client in `clientKinds` and in the stack output `clientConfigs`. */
export type ClientName = keyof typeof clientKinds;

function kind(
    title: string,
    file: string,
    authorization: Authorization,
    caVariable: ClientKind["caVariable"],
    write: WriteConfig,
): ClientKind {
    return { title, file, authorization, caVariable, several: true, write };
}

/**
 * Configuration of a client for one or several endpoints. It contains no secret: tokens and passwords are references to
 * the environment, to a file, or prompts.
 */
export function buildClientConfig(
    client: ClientName,
    endpoints: ClientEndpoint[],
    files: ClientFiles = {},
): string {
    return clientKinds[client].write(endpoints, files);
}

/** Environment that a client must be started with: name and value, or the meaning of a value that is secret. */
export function listClientVariables(
    client: ClientName,
    { caFile }: ClientFiles = {},
): Record<string, string> {
    const { authorization, caVariable } = clientKinds[client];
    const { token, clientId, clientSecret } = clientVariables;
    const trust = caFile === undefined || caVariable === undefined ? {} : { [caVariable]: caFile };
    // Claude Desktop gets credentials and authorities by its file.
    if (client === "claudeDesktop") return {};
    if (authorization === "token") return { [token]: "an access token", ...trust };
    if (authorization === "prompt") return trust;
    return {
        [clientId]: "the client id",
        [clientSecret]: "the client's secret",
        ...trust,
    };
}

/** How the client gets its next token when one expires. */
export function describeRenewal(client: ClientName): string {
    const { title, authorization } = clientKinds[client];
    const { token } = clientVariables;
    const renewals: Record<Authorization, string> = {
        token: `${title} reads ${token} when it starts: set it to a new token and start it again`,
        prompt: `${title} stores the token that you enter: replace it there by a new one`,
        credentials: `${title} requests the next token by itself`,
    };
    return renewals[authorization];
}
