import type { Refusal } from "../attack.ts";
import { requestAttacks } from "./cases.ts";

/** Headers of a preflight by a page of another site. */
const preflight = [
    "Origin: https://evil.example",
    "Access-Control-Request-Method: POST",
    "Access-Control-Request-Headers: authorization",
];

/** Credentials of a browser, such as cookies, must never be allowed; a page with a token needs none. */
const credentials = /access-control-allow-credentials":"true/;

const preflightAnswers: Refusal[] = [200, 204, 401, 403, 405];

export const browserAttacks = requestAttacks("CORS", [
    {
        name: "a preflight is not answered by the server",
        expected: preflightAnswers,
        forbidden: credentials,
        request: () => ({ method: "OPTIONS", headers: preflight, body: "" }),
    },
    {
        name: "a call as preflight, with the body of a call",
        expected: preflightAnswers,
        forbidden: credentials,
        request: ({ token }) => ({ method: "OPTIONS", token, headers: preflight }),
    },
    {
        name: "a page without token",
        expected: [401, 403],
        forbidden: credentials,
        request: () => ({ headers: ["Origin: https://evil.example"] }),
    },
    {
        name: "a sandboxed page (Origin: null) without token",
        expected: [401, 403],
        forbidden: credentials,
        request: () => ({ headers: ["Origin: null"] }),
    },
    {
        name: "a line end in the requested headers",
        expected: [...preflightAnswers, 400],
        forbidden: /x-evil/,
        request: () => ({
            method: "OPTIONS",
            headers: ["Origin: x", "Access-Control-Request-Headers: a%0d%0ax-evil: b"],
            body: "",
        }),
    },
    {
        name: "a form post (text/plain), which needs no preflight",
        expected: [401, 403, 415],
        forbidden: credentials,
        request: () => ({
            without: ["content-type"],
            headers: ["Origin: https://evil.example", "Content-Type: text/plain"],
        }),
    },
]);
