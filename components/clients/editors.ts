import {
    type ClientEndpoint,
    type ClientFiles,
    clientVariables,
    defaultFiles,
} from "./endpoint.ts";

/** Text of a configuration for one or several endpoints. */
export type WriteConfig = (endpoints: ClientEndpoint[], files: ClientFiles) => string;

/** The version with the client-credentials grant that the tests use. */
const mcpRemote = "mcp-remote@0.15.1";

const { token } = clientVariables;

/** `.mcp.json` of Claude Code. */
export const writeClaudeCode: WriteConfig = (endpoints) =>
    writeServers("mcpServers", endpoints, ({ url }) => ({
        type: "http",
        url,
        headers: bearer(`\${${token}}`),
    }));

/**
 * `claude_desktop_config.json`: Claude Desktop starts stdio servers only and gives them no variables of its own
 * environment, so that mcp-remote reads the client's credentials from a file.
 */
export const writeClaudeDesktop: WriteConfig = (endpoints, { caFile, credentialsFile }) =>
    writeServers("mcpServers", endpoints, ({ url }) => ({
        command: "npx",
        args: [
            "-y",
            mcpRemote,
            url,
            "--client-credentials",
            "--static-oauth-client-info",
            `@${credentialsFile ?? defaultFiles.credentialsFile}`,
        ],
        ...(caFile === undefined ? {} : { env: { NODE_EXTRA_CA_CERTS: caFile } }),
    }));

/** `.vscode/mcp.json`; VS Code prompts for the token and keeps it in the secret storage of the system. */
export const writeVsCode: WriteConfig = (endpoints) => {
    const input = { type: "promptString", id: "mcp-token", description: "Access token" };
    const servers = mapServers(endpoints, ({ url }) => ({
        type: "http",
        url,
        headers: bearer("${input:mcp-token}"),
    }));
    return writeJson({ inputs: [{ ...input, password: true }], servers });
};

/** `.cursor/mcp.json`. */
export const writeCursor: WriteConfig = (endpoints) =>
    writeServers("mcpServers", endpoints, ({ url }) => ({
        url,
        headers: bearer(`\${env:${token}}`),
    }));

/** `mcp_config.json` of Windsurf. */
export const writeWindsurf: WriteConfig = (endpoints) =>
    writeServers("mcpServers", endpoints, ({ url }) => ({
        serverUrl: url,
        headers: bearer(`\${env:${token}}`),
    }));

/** `settings.json` of Gemini CLI, in which `url` would mean the old SSE transport. */
export const writeGemini: WriteConfig = (endpoints) =>
    writeServers("mcpServers", endpoints, ({ url }) => ({
        httpUrl: url,
        headers: bearer(`$${token}`),
        timeout: 30_000,
    }));

/** `config.toml` of Codex, which ignores a key `headers` and refuses a token in the file. */
export const writeCodex: WriteConfig = (endpoints) =>
    endpoints
        .map(({ server, url }) =>
            [
                `[mcp_servers.${JSON.stringify(server)}]`,
                `url = ${JSON.stringify(url)}`,
                `bearer_token_env_var = "${token}"`,
                "",
            ].join("\n"),
        )
        .join("\n");

/** Custom MCP node of Flowise, which takes one server; the token is a variable of Flowise. */
export const writeFlowise: WriteConfig = ([endpoint]) =>
    writeJson({ url: endpoint?.url, headers: bearer(`{{$vars.${token}}}`) });

function bearer(reference: string) {
    return { Authorization: `Bearer ${reference}` };
}

function mapServers(
    endpoints: ClientEndpoint[],
    write: (endpoint: ClientEndpoint) => object,
): Record<string, object> {
    return Object.fromEntries(endpoints.map((endpoint) => [endpoint.server, write(endpoint)]));
}

function writeServers(
    key: string,
    endpoints: ClientEndpoint[],
    write: (endpoint: ClientEndpoint) => object,
): string {
    return writeJson({ [key]: mapServers(endpoints, write) });
}

function writeJson(value: object): string {
    return `${JSON.stringify(value, undefined, 2)}\n`;
}
