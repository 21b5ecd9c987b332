/** Schema of registry entries that `buildServerJson` follows. */
export const serverJsonSchema =
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/** Version of an entry; the registry refuses ranges and `latest`. */
const entryVersion = "1.0.0";

/**
 * Entry of a server for an MCP registry (`server.json`). Its name is the host in reverse order and the server's name; the
 * official registry takes entries of publicly reachable hosts only.
 */
export function buildServerJson(url: string, server: string): string {
    const { hostname } = new URL(url);
    const isAddress = /^[\d.]+$/.test(hostname);
    const namespace = isAddress ? hostname : hostname.split(".").reverse().join(".");
    const description = `MCP server '${server}' at ${hostname}`;
    const entry = {
        $schema: serverJsonSchema,
        name: `${namespace}/${server}`,
        description: description.length > 100 ? `MCP server '${server}'` : description,
        version: entryVersion,
        remotes: [
            {
                type: "streamable-http",
                url,
                headers: [
                    {
                        name: "Authorization",
                        description: "Access token of a client that may call this server",
                        value: "Bearer {token}",
                        isRequired: true,
                        isSecret: true,
                        variables: { token: { isRequired: true, isSecret: true } },
                    },
                ],
            },
        ],
    };
    return `${JSON.stringify(entry, undefined, 2)}\n`;
}
