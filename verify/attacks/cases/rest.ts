import type { AttackTarget } from "../attack.ts";
import { requestAttacks, unauthorized } from "./cases.ts";
import type { RequestCase } from "./cases.ts";

interface RestCase {
    name: string;
    method: string;
    /** Path below the server's prefix. */
    path: string;
    token?: (target: AttackTarget) => string | undefined;
    needs?: keyof AttackTarget;
}

const cases: RestCase[] = [
    { name: "the list of tools without token", method: "GET", path: "/tools" },
    { name: "a call without token", method: "POST", path: "/call" },
    { name: "a tool's path without token", method: "POST", path: "/tools/fetch" },
    { name: "a call through the documentation", method: "POST", path: "/docs/../call" },
    { name: "a call through the encoded documentation", method: "POST", path: "/docs/%2e%2e/call" },
    { name: "a call with an empty segment", method: "POST", path: "//call" },
    { name: "a call behind a line feed", method: "POST", path: "/tools/../docs/%0Ax" },
    { name: "a call behind an encoded line feed", method: "POST", path: "/docs%0a/../call" },
    {
        name: "a call with the token of another server",
        method: "POST",
        path: "/call",
        token: ({ token, otherToken, rest, url }) =>
            rest!.url.href === url.href ? otherToken : token,
        needs: "otherToken",
    },
];

export const restAttacks = requestAttacks(
    "REST",
    cases.map(({ name, method, path, token }): RequestCase => ({
        name,
        needs: "rest",
        expected: [...unauthorized, 400],
        // A list or a result of the REST API, which is no JSON-RPC.
        forbidden: /"(tools|content)"\s*:/,
        request: (target) => ({
            url: target.rest!.url,
            path: target.rest!.url.pathname.replace(/\/[^/]*$/, path),
            method,
            token: token?.(target),
            body: method === "GET" ? "" : JSON.stringify({ tool_name: "fetch", tool_args: {} }),
        }),
    })),
);
