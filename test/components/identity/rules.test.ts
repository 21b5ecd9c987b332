import assert from "node:assert/strict";

import { findIdentityProblems } from "../../../components/identity/rules.ts";

type Checked = Parameters<typeof findIdentityProblems>[0];

const issuer = "https://auth.example.org/realms/tools";
const good: Checked = {
    issuer,
    realm: { name: "tools" },
    servers: { weather: { scopes: ["mcp:weather"] } },
    clients: [{ name: "sailor", servers: ["weather"] }],
};

const cases: { change: Partial<Checked>; wrong: Record<string, RegExp> }[] = [
    { change: {}, wrong: {} },
    { change: { issuer: "http://auth.example.org/realms/tools" }, wrong: { issuer: /https URL/ } },
    { change: { issuer: "http://localhost:8080/realms/tools" }, wrong: {} },
    { change: { issuer: "http://127.0.0.1/realms/tools" }, wrong: {} },
    {
        change: { issuer: "http://localhost.example.org/realms/tools" },
        wrong: { issuer: /http is for issuers of this machine/ },
    },
    {
        change: { issuer: `${issuer}?x=1`, realm: undefined, clients: [] },
        wrong: { issuer: /query or fragment/ },
    },
    {
        change: { issuer: `${issuer}/protocol/openid-connect` },
        wrong: { issuer: /did you mean 'https:\/\/auth\.example\.org\/realms\/tools'/ },
    },
    {
        change: { issuer: `${issuer}/`, realm: undefined, clients: [] },
        wrong: { issuer: /end with '\/'/ },
    },
    { change: { jwksUri: "keycloak:8080" }, wrong: { jwksUri: /got 'keycloak:8080'/ } },
    { change: { jwksPort: 8443 }, wrong: {} },
    { change: { jwksPort: 0 }, wrong: { jwksPort: /got 0/ } },
    { change: { realm: { name: "master" } }, wrong: { realm: /not be 'master'/ } },
    { change: { realm: { name: "other" } }, wrong: { issuer: /end with '\/realms\/other'/ } },
    { change: { realm: { name: "a b" } }, wrong: { realm: /got 'a b'/ } },
    { change: { realm: undefined }, wrong: { clients: /administered elsewhere, got 1/ } },
    {
        change: { clients: [{ name: "sailor", servers: ["wether"] }] },
        wrong: { "clients[0].servers": /\('weather'\), got 'wether'/ },
    },
    {
        change: { clients: [{ name: "Sailor", servers: ["weather"] }] },
        wrong: { "clients[0].name": /got 'Sailor'/ },
    },
    {
        change: { clients: [...(good.clients ?? []), { name: "sailor", servers: ["weather"] }] },
        wrong: { "clients[1].name": /once, got 'sailor' again/ },
    },
    {
        change: { servers: { weather: { scopes: ["mcp:x"] }, tides: { scopes: ["mcp:x"] } } },
        wrong: { "servers.tides.scopes": /not share a scope with 'weather', got 'mcp:x'/ },
    },
    {
        change: {
            servers: { weather: { scopes: ["mcp:weather"], toolScopes: ["wind:read"] } },
            clients: [{ name: "sailor", servers: ["weather"], scopes: ["wind:read"] }],
        },
        wrong: {},
    },
    {
        change: { clients: [{ name: "sailor", servers: ["weather"], scopes: ["wind:read"] }] },
        wrong: { "clients[0].scopes": /its servers need \(none\), got 'wind:read'/ },
    },
    {
        change: { servers: { weather: { scopes: ["mcp:a", "mcp-a"] } } },
        wrong: { "servers.weather.scopes": /differ from 'mcp:a' in letters .*, got 'mcp-a'/ },
    },
    {
        change: {
            servers: {
                weather: { scopes: ["mcp:weather"], toolScopes: ["sea:read"] },
                tides: { scopes: ["mcp:tides"], toolScopes: ["sea:read", "sea-read"] },
            },
        },
        wrong: { "servers.tides.tools.scopes": /differ from 'sea:read' .*, got 'sea-read'/ },
    },
    {
        change: {
            servers: { weather: { scopes: ["mcp:a"] }, tides: { scopes: ["mcp-a"] } },
        },
        wrong: {},
    },
    {
        change: { servers: { weather: { scopes: ["mcp:weather"], toolScopes: ["mcp:weather"] } } },
        wrong: { "servers.weather.tools.scopes": /scope of 'weather' itself, got 'mcp:weather'/ },
    },
    {
        change: {
            furtherIssuers: [
                { issuer: "https://partner.example.org/" },
                { issuer: good.issuer as string },
                { issuer: "http://partner.example.org" },
                { issuer: "https://a@b.example.org" },
                { issuer: "https://x.example.org", jwksUri: "keys", jwksPort: 0 },
            ],
        },
        wrong: {
            "furtherIssuers[1].issuer": /differ from the other issuers, got 'https:.*' again/,
            "furtherIssuers[2].issuer": /https URL, got 'http:/,
            "furtherIssuers[3].issuer": /must have no '@'/,
            "furtherIssuers[4].jwksUri": /http\(s\) URL, got 'keys'/,
            "furtherIssuers[4].jwksPort": /1 to 65535, got 0/,
        },
    },
    { change: { clockSkewSeconds: 301 }, wrong: { clockSkewSeconds: /0 to 300, got 301/ } },
    {
        change: { introspection: { endpoint: "introspect", cacheSeconds: -1 } },
        wrong: {
            "introspection.endpoint": /http\(s\) URL, got 'introspect'/,
            "introspection.cacheSeconds": /0 to 3600, got -1/,
        },
    },
    {
        change: {
            realm: undefined,
            clients: [],
            servers: { weather: { scopes: ["mcp:weather"], checkRevocation: true } },
        },
        wrong: { "servers.weather.checkRevocation": /with a realm.*introspection.secretName/ },
    },
    {
        change: {
            realm: undefined,
            clients: [],
            introspection: { secretName: "introspection" },
            servers: { weather: { scopes: ["mcp:weather"], checkRevocation: true } },
        },
        wrong: {},
    },
    { change: { interactive: { redirects: ["claude"] } }, wrong: {} },
    {
        change: { realm: undefined, clients: [], interactive: { redirects: ["claude"] } },
        wrong: { interactive: /absent when the realm is administered elsewhere/ },
    },
    {
        change: { interactive: { clientId: "sailor", redirects: ["claude"] } },
        wrong: { "interactive.clientId": /not be a machine client, got 'sailor'/ },
    },
    {
        change: { interactive: {} },
        wrong: { "interactive.redirects": /must have an entry, or 'redirectUris', got none/ },
    },
    {
        change: { interactive: { redirects: ["cursr" as "cursor"], servers: ["wether"] } },
        wrong: {
            "interactive.redirects[0]": /got 'cursr'; did you mean 'cursor'/,
            "interactive.servers": /got 'wether'; did you mean 'weather'/,
        },
    },
];

describe("findIdentityProblems", () => {
    for (const { change, wrong } of cases) {
        it(`finds [${Object.keys(wrong).join()}] wrong with ${JSON.stringify(change)}`, () => {
            const problems = findIdentityProblems({ ...good, ...change });
            assert.deepEqual(
                problems.map(({ path }) => path),
                Object.keys(wrong),
            );
            for (const { path, reason } of problems) {
                assert.match(reason, wrong[path] ?? /^$/);
            }
        });
    }
});
