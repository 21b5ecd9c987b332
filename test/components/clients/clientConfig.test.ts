import assert from "node:assert/strict";

import {
    buildClientConfig,
    clientKinds,
    type ClientName,
    describeRenewal,
    listClientVariables,
} from "../../../components/clients/clientConfig.ts";

const endpoints = ["docs", "maps"].map((server) => ({
    server,
    url: `https://mcp.example.org/${server}/mcp`,
    issuer: "https://auth.example.org/realms/tools",
}));
const [docs] = endpoints;
const url = docs!.url;
const files = { caFile: "/etc/ca.pem", credentialsFile: "/home/a/agent.json" };
const clients = Object.keys(clientKinds) as ClientName[];

describe("buildClientConfig", () => {
    const entries: Partial<Record<ClientName, object>> = {
        claudeCode: {
            mcpServers: {
                docs: { type: "http", url, headers: { Authorization: "Bearer ${MCP_TOKEN}" } },
            },
        },
        claudeDesktop: {
            mcpServers: {
                docs: {
                    command: "npx",
                    args: [
                        "-y",
                        "mcp-remote@0.15.1",
                        url,
                        "--client-credentials",
                        "--static-oauth-client-info",
                        "@/home/a/agent.json",
                    ],
                    env: { NODE_EXTRA_CA_CERTS: "/etc/ca.pem" },
                },
            },
        },
        vscode: {
            inputs: [
                {
                    type: "promptString",
                    id: "mcp-token",
                    description: "Access token",
                    password: true,
                },
            ],
            servers: {
                docs: {
                    type: "http",
                    url,
                    headers: { Authorization: "Bearer ${input:mcp-token}" },
                },
            },
        },
        cursor: {
            mcpServers: { docs: { url, headers: { Authorization: "Bearer ${env:MCP_TOKEN}" } } },
        },
        windsurf: {
            mcpServers: {
                docs: { serverUrl: url, headers: { Authorization: "Bearer ${env:MCP_TOKEN}" } },
            },
        },
        gemini: {
            mcpServers: {
                docs: {
                    httpUrl: url,
                    headers: { Authorization: "Bearer $MCP_TOKEN" },
                    timeout: 30_000,
                },
            },
        },
        flowise: { url, headers: { Authorization: "Bearer {{$vars.MCP_TOKEN}}" } },
    };
    for (const [client, entry] of Object.entries(entries)) {
        it(`writes what ${client} reads`, () => {
            const text = buildClientConfig(client as ClientName, [docs!], files);
            assert.deepEqual(JSON.parse(text), entry);
        });
    }

    it("writes the TOML of Codex, with the token's variable", () => {
        assert.equal(
            buildClientConfig("codex", endpoints),
            [
                '[mcp_servers."docs"]',
                'url = "https://mcp.example.org/docs/mcp"',
                'bearer_token_env_var = "MCP_TOKEN"',
                "",
                '[mcp_servers."maps"]',
                'url = "https://mcp.example.org/maps/mcp"',
                'bearer_token_env_var = "MCP_TOKEN"',
                "",
            ].join("\n"),
        );
    });

    it("names no file of authorities where all are public", () => {
        for (const client of clients) {
            const text = buildClientConfig(client, [docs!], {});
            assert.doesNotMatch(text, /ca\.pem|CA_CERTS|CERT_FILE|cacert/, client);
            const variables = Object.keys(listClientVariables(client));
            assert.doesNotMatch(variables.join(" "), /CERT/, client);
        }
    });

    it("puts every server into one configuration where the client takes several", () => {
        for (const client of clients.filter((one) => clientKinds[one].several)) {
            const text = buildClientConfig(client, endpoints, files);
            for (const endpoint of endpoints) assert.ok(text.includes(endpoint.url), client);
        }
    });
});

describe("listClientVariables", () => {
    const cases: Partial<Record<ClientName, string[]>> = {
        claudeCode: ["MCP_TOKEN", "NODE_EXTRA_CA_CERTS"],
        claudeDesktop: [],
        vscode: ["NODE_EXTRA_CA_CERTS"],
        codex: ["MCP_TOKEN", "SSL_CERT_FILE"],
        curl: ["MCP_TOKEN"],
        typescript: ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET", "NODE_EXTRA_CA_CERTS"],
        python: ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET", "SSL_CERT_FILE"],
    };
    for (const [client, names] of Object.entries(cases)) {
        it(`lists [${names.join(", ")}] for ${client}`, () => {
            const variables = listClientVariables(client as ClientName, files);
            assert.deepEqual(Object.keys(variables), names);
        });
    }

    it("covers every variable that a configuration refers to", () => {
        for (const client of clients.filter((one) => one !== "flowise")) {
            const text = buildClientConfig(client, [docs!], files);
            const referred = text.match(/MCP_(TOKEN|CLIENT_ID|CLIENT_SECRET)/g) ?? [];
            const listed = Object.keys(listClientVariables(client, files));
            for (const name of referred) assert.ok(listed.includes(name), `${client}: ${name}`);
        }
    });
});

describe("describeRenewal", () => {
    it("says for every client how it gets its next token", () => {
        for (const client of clients) {
            assert.ok(describeRenewal(client).startsWith(clientKinds[client].title), client);
        }
    });
});
