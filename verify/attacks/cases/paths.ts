import type { AttackTarget, Refusal } from "../attack.ts";
import { absent, malformed, requestAttacks, unauthorized } from "./cases.ts";
import type { RequestCase } from "./cases.ts";

/** A path from that of the endpoint (`/docs/mcp`), its prefix (`/docs`) and its last segment (`/mcp`). */
type MakePath = (mcp: string, prefix: string, last: string) => string;

interface PathCase {
    name: string;
    path: MakePath;
    expected: Refusal[];
}

/** Other spellings of the endpoint's path, and paths below it: the token check must apply to all of them. */
const withoutToken = definePaths(
    [...unauthorized, 400, 404],
    [
        { name: "a dot segment", path: (_, prefix, last) => `${prefix}/.${last}` },
        { name: "an empty segment", path: (_, prefix, last) => `${prefix}/${last}` },
        { name: "empty segments in front", path: (mcp) => `//${mcp}` },
        { name: "an encoded letter", path: (mcp) => mcp.replace(/.$/, encodeLetter) },
        {
            name: "an encoded letter of the prefix",
            path: (mcp) => mcp.replace(/[a-z]/, encodeLetter),
        },
        { name: "an encoded slash", path: (_, prefix, last) => `${prefix}%2f${last.slice(1)}` },
        { name: "a parent segment", path: (_, prefix, last) => `${prefix}/health/..${last}` },
        {
            name: "an encoded parent segment",
            path: (_, prefix, last) => `${prefix}/x/%2e%2e${last}`,
        },
        {
            name: "a half-encoded parent segment",
            path: (_, prefix, last) => `${prefix}/x/.%2e${last}`,
        },
        {
            name: "a parent segment behind %2f",
            path: (_, prefix, last) => `${prefix}/x/..%2f${last.slice(1)}`,
        },
        {
            name: "a parent segment of an open page",
            path: (_, prefix, last) => `${prefix}/docs/..${last}`,
        },
        { name: "a query", path: (mcp) => `${mcp}?x=/health` },
        { name: "a fragment", path: (mcp) => `${mcp}#/health` },
        { name: "a path below the endpoint", path: (mcp) => `${mcp}/health` },
        { name: "a trailing slash", path: (mcp) => `${mcp}/` },
        {
            name: "a well-known path turned back",
            path: (mcp) => `/.well-known/oauth-protected-resource/../..${mcp}`,
        },
    ],
);

/** Paths that resemble the endpoint's but are not served: a valid token changes nothing. */
const withToken = definePaths(
    [...absent, 400],
    [
        { name: "a longer prefix", path: (_, prefix, last) => `${prefix}x${last}` },
        { name: "a longer endpoint", path: (mcp) => `${mcp}x` },
        { name: "the prefix with a parameter", path: (_, prefix, last) => `${prefix};x=1${last}` },
        { name: "the endpoint with a parameter", path: (mcp) => `${mcp};x=1` },
        { name: "the endpoint in upper case", path: (mcp) => mcp.toUpperCase() },
        { name: "a backslash", path: (_, prefix, last) => `${prefix}/x/..%5c${last.slice(1)}` },
        {
            name: "a double-encoded slash",
            path: (_, prefix, last) => `${prefix}%252f${last.slice(1)}`,
        },
        {
            name: "a double-encoded parent segment",
            path: (_, prefix, last) => `${prefix}/x/%252e%252e${last}`,
        },
        {
            name: "an overlong UTF-8 dot",
            path: (_, prefix, last) => `${prefix}/x/%c0%ae%c0%ae${last}`,
        },
        { name: "a segment '..;'", path: (_, prefix, last) => `${prefix}/x/..;${last}` },
        { name: "the root", path: () => "/" },
        { name: "the health path", path: (_, prefix) => `${prefix}/health/x` },
        { name: "the server's metrics", path: (_, prefix) => `${prefix}/metrics` },
        { name: "the server's readiness", path: (_, prefix) => `${prefix}/readyz` },
        { name: "the gateway's metrics", path: () => "/metrics" },
        { name: "the gateway's status page", path: () => "/nginx_status" },
        { name: "the administration of APISIX", path: () => "/apisix/admin/routes" },
        { name: "the token check", path: (_, prefix) => `/_verify${prefix}` },
        { name: "the token verifier", path: (_, prefix) => `/verify${prefix}` },
        { name: "a named location", path: (_, prefix) => `/@server-${prefix.slice(1)}` },
    ],
);

/** Paths that are broken by the rules of URIs, or hold characters that no path of a server has. */
const broken = definePaths(
    [...malformed, 404],
    [
        { name: "a path that leaves the root", path: (mcp) => `/../..${mcp}` },
        { name: "an encoded path that leaves the root", path: (mcp) => `/x/..%2f..%2f..${mcp}` },
        { name: "a path without a slash", path: (mcp) => mcp.slice(1) },
        { name: "a space", path: (mcp) => `${mcp} /health` },
        { name: "a raw control character", path: (mcp) => `${mcp}\x01` },
        { name: "an encoded NUL", path: (mcp) => `${mcp}%00` },
        { name: "an encoded NUL before a suffix", path: (mcp) => `${mcp}%00.html` },
        { name: "an encoded line feed", path: (mcp) => `${mcp}%0a` },
        { name: "an encoded line feed before a suffix", path: (mcp) => `${mcp}%0Ax` },
        { name: "an encoded line feed below the endpoint", path: (mcp) => `${mcp}/%0ax` },
        {
            name: "an encoded line feed behind a parent segment",
            path: (mcp) => `/health/..${mcp}/%0ax`,
        },
        {
            name: "an encoded line feed in front",
            path: (_, prefix, last) => `${prefix}%0a${last}`,
        },
        { name: "an encoded carriage return", path: (mcp) => `${mcp}%0d` },
        { name: "an encoded DEL", path: (mcp) => `${mcp}%7f` },
        { name: "letters that are no digits after %", path: (mcp) => `${mcp}%zz` },
        { name: "% at the end", path: (mcp) => `${mcp}%` },
        { name: "half a byte after %", path: (mcp) => `${mcp}%2` },
        { name: "%u002f", path: (_, prefix, last) => `${prefix}%u002f${last.slice(1)}` },
    ],
);

export const pathAttacks = requestAttacks("paths", [
    ...withoutToken.map((one) => buildCase(one, "without token")),
    ...broken.flatMap((one) => [
        buildCase({ ...one, expected: [...one.expected, 401] }, "without token"),
        buildCase(one, "with token"),
    ]),
    {
        name: "a request target of 40 kB",
        expected: [...malformed, 414],
        request: ({ url, token }) => ({ token, path: `${url.pathname}?${"a".repeat(40_000)}` }),
    },
    ...withToken.map((one) => buildCase(one, "with token")),
    {
        name: "another server's endpoint through the prefix of this one",
        needs: "otherToken",
        expected: unauthorized,
        request: ({ url, otherToken }) => ({ path: `/x/..${url.pathname}`, token: otherToken }),
    },
]);

function definePaths(expected: Refusal[], cases: Omit<PathCase, "expected">[]): PathCase[] {
    return cases.map((one) => ({ ...one, expected }));
}

function buildCase({ name, path, expected }: PathCase, token: string): RequestCase {
    return {
        name: `${name}, ${token}`,
        expected,
        request: ({ url, token: good }: AttackTarget) => {
            const at = url.pathname.lastIndexOf("/");
            const text = path(url.pathname, url.pathname.slice(0, at), url.pathname.slice(at));
            return { path: text, ...(token === "with token" ? { token: good } : {}) };
        },
    };
}

function encodeLetter(letter: string): string {
    return `%${letter.charCodeAt(0).toString(16)}`;
}
