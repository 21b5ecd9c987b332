import type { AttackTarget } from "../attack.ts";
import type { HandmadeRequest } from "../http1.ts";
import { requestAttacks, unauthorized } from "./cases.ts";
import type { RequestCase } from "./cases.ts";

/** Headers in which proxies pass the caller's identity, and spellings that servers turn into them. */
const identityHeaders = [
    "X-Auth-Subject",
    "x_auth_subject",
    "X-Auth-Client",
    "X-Auth-Scopes",
    "X-Auth_Scopes",
    "X-Auth-Request-User",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Userinfo",
    "X-Remote-User",
    "Remote-User",
    "Remote_User",
    "X-Ssl-Client-S-Dn",
    "X-Consumer-Username",
    "X-Id-Token",
];

/** Headers that would change where a server thinks that it is. */
const addressHeaders = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Real-Ip",
    "X-Original-Url",
    "X-Rewrite-Url",
    "Forwarded",
];

const forged = [...identityHeaders, ...addressHeaders].map((name) => `${name}: forged`);

/** Calls the tool that returns the headers that reached the server. */
function askHeaders(headers: string[]): RequestCase["request"] {
    return ({ echo }: AttackTarget): HandmadeRequest => ({
        url: echo!.url,
        token: echo!.token,
        headers,
        body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name: "request_headers", arguments: {} },
        }),
    });
}

export const identityAttacks = requestAttacks("identity", [
    {
        name: "every identity header instead of a token",
        expected: unauthorized,
        request: () => ({ headers: forged }),
    },
    {
        name: "the path of a public page in X-Original-Url",
        expected: unauthorized,
        request: () => ({ headers: ["X-Original-Url: /health", "X-Rewrite-Url: /health"] }),
    },
    ...[...identityHeaders, ...addressHeaders].map((name): RequestCase => ({
        name: `${name} beside a token does not reach the server`,
        needs: "echo",
        legitimate: true,
        expected: [200],
        forbidden: /forged/,
        request: askHeaders([`${name}: forged`]),
    })),
    {
        name: "two forged X-Auth-Subject fields",
        needs: "echo",
        legitimate: true,
        expected: [200, 400],
        forbidden: /forged/,
        request: askHeaders(["X-Auth-Subject: forged", "x-auth-subject: forged2"]),
    },
    ...["Authorization", "X-Auth-Subject, X-Auth-Scopes", "Host", "Content-Length"].map(
        (names): RequestCase => ({
            name: `${names} declared hop-by-hop by Connection`,
            needs: "echo",
            legitimate: true,
            expected: [200],
            // The server must still see the caller that was verified.
            forbidden: /^(?![^]*x-auth-subject[^]*x-auth-scopes)/i,
            request: (target) => ({
                ...(askHeaders([`Connection: close, ${names}`])(target) as HandmadeRequest),
                without: ["connection"],
            }),
        }),
    ),
    {
        name: "the token does not reach the server",
        needs: "echo",
        legitimate: true,
        expected: [200],
        forbidden: /authorization\\?"/i,
        request: askHeaders([]),
    },
]);
