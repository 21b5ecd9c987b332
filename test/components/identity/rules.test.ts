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
