import { setTimeout as sleep } from "node:timers/promises";

import type { Attack, AttackTarget } from "../attack.ts";
import * as forge from "../forgeries.ts";
import { sendRequest } from "../http1.ts";
import { requestAttacks, unauthorized } from "./cases.ts";
import type { RequestCase } from "./cases.ts";

/** Tokens that are made from a good one. */
const forgeries: Record<string, (token: string) => string | Promise<string>> = {
    "no token after 'Bearer'": () => "",
    "a word": () => "garbage",
    "three words joined by dots": () => "a.b.c",
    "five parts, as of an encrypted token": (token) => `${token}.a.b`,
    "algorithm 'none'": (token) => forge.unsigned(token),
    "algorithm 'nOnE'": (token) => forge.unsigned(token, "nOnE"),
    "algorithm 'none' with the old signature": (token) => forge.withHead(token, { alg: "none" }),
    "HMAC keyed by the issuer's public key": forge.confused,
    "a signature by another key with the issuer's kid": (token) => forge.resigned(token),
    "a key in the token's head (jwk)": (token) =>
        forge.resigned(token, { jwk: forge.strangerKey(), kid: undefined }),
    "a key set named by the head (jku)": (token) =>
        forge.resigned(token, { jku: "https://evil.example/keys", kid: "evil" }),
    "a certificate named by the head (x5u)": (token) =>
        forge.resigned(token, { x5u: "https://evil.example/certificate", kid: "evil" }),
    "a kid that is a path": (token) => forge.resigned(token, { kid: "../../../../dev/null" }),
    "a kid that is SQL": (token) => forge.resigned(token, { kid: "' OR 1=1 --" }),
    "an unknown critical header (crit)": (token) =>
        forge.withHead(token, { crit: ["evil"], evil: true }),
    "another audience under the old signature": (token) =>
        forge.withClaims(token, { aud: "https://evil.example/mcp" }),
    "a later expiry under the old signature": (token) =>
        forge.withClaims(token, { exp: 4_102_444_800 }),
    "another issuer, signed by that issuer's key": (token) =>
        forge.resigned(token, {}, { iss: "https://evil.example/realms/evil" }),
    "a signature with one bit inverted": (token) => forge.withFlippedBit(token),
    "a signature that is cut off": (token) => token.slice(0, -8),
    "no signature": (token) => token.slice(0, token.lastIndexOf(".") + 1),
    "base64 padding after the signature": (token) => `${token}==`,
    "other spare bits in the last character of the signature": forge.withSpareBits,
    "20 kB of signature": (token) => token + "A".repeat(20_000),
    "a second token behind a comma": (token) => `garbage, Bearer ${token}`,
    "a character outside of ASCII": (token) => `${token}\xe9`,
};

/** Places in which no token may be sent, or not this one. */
const places: RequestCase[] = [
    { name: "no Authorization", expected: unauthorized, request: () => ({}) },
    {
        name: "an empty Authorization",
        expected: unauthorized,
        request: () => ({ headers: ["Authorization: "] }),
    },
    {
        name: "the token under another scheme",
        expected: unauthorized,
        request: ({ token }) => ({ headers: [`Authorization: Basic ${token}`] }),
    },
    {
        name: "the token without a scheme",
        expected: unauthorized,
        request: ({ token }) => ({ headers: [`Authorization: ${token}`] }),
    },
    {
        name: "the token in the query (access_token)",
        expected: unauthorized,
        request: ({ url, token }) => ({ path: `${url.pathname}?access_token=${token}` }),
    },
    {
        name: "the token in a cookie",
        expected: unauthorized,
        request: ({ token }) => ({ headers: [`Cookie: access_token=${token}`] }),
    },
    ...["Proxy-Authorization", "X-Authorization", "X-Access-Token"].map((name) => ({
        name: `the token in ${name}`,
        expected: unauthorized,
        request: ({ token }: AttackTarget) => ({ headers: [`${name}: Bearer ${token}`] }),
    })),
    {
        name: "two Authorization fields, the first without a valid token",
        expected: [400, 401],
        request: ({ token }) => ({ token: "garbage", headers: [`Authorization: Bearer ${token}`] }),
    },
    {
        name: "two Authorization fields, the second without a valid token",
        expected: [400, 401],
        request: ({ token }) => ({ token, headers: ["Authorization: Bearer garbage"] }),
    },
    {
        name: "one token in two Authorization fields",
        expected: [400, 401],
        request: ({ token }) => ({ token, headers: [`Authorization: Bearer ${token}`] }),
    },
    {
        name: "the token of another server",
        needs: "otherToken",
        expected: unauthorized,
        request: ({ otherToken }) => ({ token: otherToken }),
    },
    {
        name: "a token for this audience from another realm",
        needs: "foreignToken",
        expected: unauthorized,
        request: ({ foreignToken }) => ({ token: foreignToken }),
    },
    {
        name: "a token without the scope of the called tool",
        needs: "unscoped",
        expected: [403],
        request: ({ unscoped }) => ({
            url: unscoped!.url,
            token: unscoped!.token,
            headers: [
                "Mcp-Method: tools/call",
                `Mcp-Name: ${unscoped!.tool}`,
                "MCP-Protocol-Version: 2026-07-28",
            ],
            without: ["mcp-protocol-version"],
            body: callMessage(unscoped!.tool),
        }),
    },
];

const controls: RequestCase[] = [
    {
        name: "a valid token (must be accepted)",
        legitimate: true,
        expected: [200],
        request: ({ token }) => ({ token }),
    },
    {
        name: "a valid token under the scheme 'bEARER' (must be accepted)",
        legitimate: true,
        expected: [200],
        request: ({ token }) => ({ headers: [`Authorization: bEARER ${token}`] }),
    },
];

/** Beyond the difference of clocks that verifiers forgive, in milliseconds. */
const clockToleranceMs = 15_000;

const expired: Attack = {
    group: "tokens",
    name: "an expired token",
    needs: "shortToken",
    slow: true,
    expected: unauthorized,
    send: async (target) => {
        const { exp } = forge.readClaims(target.shortToken!) as { exp: number };
        await sleep(Math.max(0, exp * 1000 + clockToleranceMs - Date.now()));
        return sendRequest(target, { token: target.shortToken });
    },
};

export const tokenAttacks = [
    expired,
    ...requestAttacks("tokens", [
        ...controls,
        ...places,
        ...Object.entries(forgeries).map(([name, make]) => ({
            name,
            expected: unauthorized,
            request: async ({ token }: AttackTarget) => ({ token: await make(token) }),
        })),
    ]),
];

/** A tool call of 2026-07-28, which needs no session. */
function callMessage(tool: string): string {
    const client = { name: "slipway-attacks", version: "1.0.0" };
    const _meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": client,
        "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = { name: tool, arguments: {}, _meta };
    return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}
