import type { AttackTarget, Refusal } from "../attack.ts";
import { malformed, requestAttacks } from "./cases.ts";
import type { RequestCase } from "./cases.ts";

/** Methods that no MCP client uses, without a token. */
const refusals: Refusal[] = [...malformed, 401, 405, 501];

export const methodAttacks = requestAttacks("methods", [
    ...["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"].map((method) => ({
        name: `${method} without token`,
        expected: refusals,
        request: () => ({ method, body: "" }),
    })),
    {
        name: "TRACE with token",
        expected: [400, 405, 501],
        request: ({ token }) => ({ method: "TRACE", token, body: "" }),
    },
    {
        name: "a method named by X-HTTP-Method-Override",
        expected: refusals,
        request: () => ({ method: "GET", headers: ["X-HTTP-Method-Override: POST"] }),
    },
    {
        name: "CONNECT",
        expected: [...malformed, 405, 501],
        request: ({ url, token }) => ({ method: "CONNECT", path: url.host, token, body: "" }),
    },
    {
        name: "CONNECT to another host",
        expected: [...malformed, 405, 501],
        request: ({ token }) => ({ method: "CONNECT", path: "evil.example:443", token, body: "" }),
    },
    {
        name: "OPTIONS *",
        expected: [...malformed, 404, 405],
        request: () => ({ method: "OPTIONS", path: "*", body: "" }),
    },
    ...["post", "get", "Post", "P OST", "POST\t", "PO\x01ST"].map((method) => ({
        name: `the method ${JSON.stringify(method)} with token`,
        expected: [...malformed, 405, 501] as Refusal[],
        request: ({ token }: AttackTarget) => ({ method, token }),
    })),
    {
        name: "a method of 8 kB",
        expected: [...refusals, 414],
        request: () => ({ method: "A".repeat(8192) }),
    },
    {
        name: "HTTP/1.0 without token",
        expected: [401],
        request: () => ({ version: "HTTP/1.0" }),
    },
    {
        name: "HTTP/1.0 without Host",
        expected: [...malformed, 401, 404, 421],
        request: ({ token }) => ({ version: "HTTP/1.0", token, without: ["host"] }),
    },
]);

const notHere: Refusal[] = [400, 404, 421, "closed"];

/** Requests for another host, or that claim to be for another. */
const evil = "evil.example";
const hosts: RequestCase[] = [
    {
        name: "another Host",
        expected: notHere,
        request: ({ token }) => ({ token, without: ["host"], headers: [`Host: ${evil}`] }),
    },
    {
        name: "the host with user and password",
        expected: notHere,
        request: ({ url, token }) => ({
            token,
            without: ["host"],
            headers: [`Host: ${url.host}@${evil}`],
        }),
    },
    {
        name: "two hosts in one field",
        expected: notHere,
        request: ({ url, token }) => ({
            token,
            without: ["host"],
            headers: [`Host: ${evil}, ${url.host}`],
        }),
    },
    {
        name: "an absolute-form target of another host",
        expected: notHere,
        request: ({ url, token }) => ({ token, path: `https://${evil}${url.pathname}` }),
    },
    {
        name: "an absolute-form target of this host, without token",
        expected: [400, 401],
        request: ({ url }) => ({
            path: url.href,
            without: ["host"],
            headers: [`Host: ${evil}`],
        }),
    },
    ...["X-Forwarded-Host", "X-Host", "Forwarded"].map((name) => ({
        name: `another host in ${name} of a redirected path`,
        expected: [200, 307, 308, 400, 401, 404, 405, 406] as Refusal[],
        legitimate: true,
        forbidden: /evil\.example/,
        request: ({ url, token }: AttackTarget) => ({
            token,
            path: `${url.pathname}/`,
            headers: [`${name}: ${name === "Forwarded" ? "host=" : ""}${evil}`],
        }),
    })),
];

/** A path that servers redirect: the address in the answer must be the configured one. */
const redirects: RequestCase[] = [
    {
        name: "another Host behind an absolute-form target of a redirected path",
        expected: [200, 307, 308, 400, 404, 405, 406],
        legitimate: true,
        forbidden: /evil\.example/,
        request: ({ url, token }) => ({
            token,
            path: `${url.href}/`,
            without: ["host"],
            headers: [`Host: ${evil}`],
        }),
    },
    {
        name: "a redirected path stays on TLS",
        expected: [200, 307, 308, 400, 404, 405, 406],
        legitimate: true,
        forbidden: /"location":"http:/,
        request: ({ url, token }) => ({ token, path: `${url.pathname}/` }),
    },
];

export const hostAttacks = requestAttacks("hosts", [...hosts, ...redirects]);

const upgrade = (protocol: string) => ["Connection: Upgrade", `Upgrade: ${protocol}`];

export const upgradeAttacks = requestAttacks("upgrade", [
    {
        name: "WebSocket without token",
        expected: [400, 401],
        request: () => ({
            method: "GET",
            without: ["connection"],
            headers: [
                ...upgrade("websocket"),
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ],
            body: "",
        }),
    },
    {
        name: "HTTP/2 in clear text (h2c) without token",
        expected: [400, 401],
        request: () => ({
            without: ["connection"],
            headers: [
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
            ],
        }),
    },
]);
