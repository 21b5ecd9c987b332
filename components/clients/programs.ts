import { type ClientEndpoint, clientVariables } from "./endpoint.ts";
import type { WriteConfig } from "./editors.ts";

const { token, clientId, clientSecret } = clientVariables;

/** A command of the official Inspector's command line. */
export const writeInspector: WriteConfig = (endpoints) =>
    writeCommands(endpoints, ({ url }) => [
        `npx -y @modelcontextprotocol/inspector --cli ${url}`,
        `--transport http --header "Authorization: Bearer $${token}"`,
        "--method tools/list",
    ]);

/** A request with curl; `-H @-` keeps the token out of the process list. */
export const writeCurl: WriteConfig = (endpoints, { caFile }) =>
    writeCommands(endpoints, ({ url }) => [
        `printf 'Authorization: Bearer %s\\n' "$${token}" | curl --fail-with-body --silent --show-error`,
        ...(caFile === undefined ? [] : [`--cacert ${caFile}`]),
        `-H @- -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'`,
        `--data '${JSON.stringify(initialize)}' ${url}`,
    ]);

const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "curl", version: "1.0.0" },
    },
};

function writeCommands(
    endpoints: ClientEndpoint[],
    write: (endpoint: ClientEndpoint) => string[],
): string {
    return endpoints.map((endpoint) => `${write(endpoint).join(" \\\n    ")}\n`).join("");
}

/** A program for the TypeScript SDK v2. */
export const writeTypeScript: WriteConfig = ([endpoint]) =>
    writeNodeProgram(endpoint!, [
        `import {`,
        `    Client,`,
        `    ClientCredentialsProvider,`,
        `    StreamableHTTPClientTransport,`,
        `} from "@modelcontextprotocol/client";`,
    ]);

/** A program for the TypeScript SDK v1. */
export const writeTypeScriptV1: WriteConfig = ([endpoint]) =>
    writeNodeProgram(endpoint!, [
        `import { ClientCredentialsProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";`,
        `import { Client } from "@modelcontextprotocol/sdk/client/index.js";`,
        `import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";`,
    ]);

/** The two SDKs differ in what is imported from where, and in nothing else. */
function writeNodeProgram({ url, issuer }: ClientEndpoint, imports: string[]): string {
    return `${imports.join("\n")}

const authProvider = new ClientCredentialsProvider({
    clientId: process.env.${clientId} ?? "",
    clientSecret: process.env.${clientSecret} ?? "",
    expectedIssuer: ${JSON.stringify(issuer)},
});
const transport = new StreamableHTTPClientTransport(new URL(${JSON.stringify(url)}), { authProvider });
const client = new Client({ name: "my-client", version: "1.0.0" });
await client.connect(transport);
const { tools } = await client.listTools();
console.log(tools.map(({ name }) => name).join("\\n"));
await client.close();
`;
}

/** A program for the Python SDK v2. */
export const writePython: WriteConfig = ([endpoint]) => {
    const { url, issuer } = endpoint!;
    return `import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client

URL = ${JSON.stringify(url)}


class TokensInMemory:
    """Keeps the access token while the program runs."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


async def main():
    auth = ClientCredentialsOAuthProvider(
        server_url=URL,
        storage=TokensInMemory(),
        client_id=os.environ["${clientId}"],
        client_secret=os.environ["${clientSecret}"],
        issuer=${JSON.stringify(issuer)},
    )
    timeout = httpx2.Timeout(30, read=300)
    async with httpx2.AsyncClient(auth=auth, timeout=timeout) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            for tool in (await client.list_tools()).tools:
                print(tool.name)


asyncio.run(main())
`;
};
