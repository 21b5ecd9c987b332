import type { Attack, AttackTarget } from "../attack.ts";
import { sendBytes, sendRequest, writeRequest } from "../http1.ts";
import { malformed, requestAttacks } from "./cases.ts";

const mebibyte = 1024 * 1024;

/** Longer than any gateway should wait for the rest of a request head, in milliseconds. */
const patienceMs = 45_000;

export const sizeAttacks: Attack[] = [
    ...requestAttacks("sizes", [
        {
            name: "a field of 40 kB",
            expected: [...malformed, 431],
            request: ({ token }) => ({ token, headers: [`X-A: ${"a".repeat(40_000)}`] }),
        },
        {
            name: "ten thousand fields",
            expected: [...malformed, 431],
            request: ({ token }) => ({ token, headers: Array<string>(10_000).fill("X-A: b") }),
        },
        // 16 kB is what Node accepts, 32 kB what NGINX does: between them, one of two refuses alone.
        ...[15, 20, 31, 40].map((kilobytes) => ({
            name: `a token of ${kilobytes} kB`,
            expected: [...malformed, 401, 431],
            request: ({ token }: AttackTarget) => ({ token: token + "A".repeat(kilobytes * 1000) }),
        })),
        {
            name: "a body of 64 MiB without token",
            expected: [401, 413, "closed"],
            request: () => ({
                without: ["content-length"],
                headers: [`Content-Length: ${64 * mebibyte}`],
            }),
        },
        {
            name: "a body of 64 MiB with token",
            expected: [413],
            request: ({ token }) => ({
                token,
                without: ["content-length"],
                headers: [`Content-Length: ${64 * mebibyte}`],
            }),
        },
        {
            name: "chunks of 16 MiB with token",
            expected: [413, "closed"],
            request: ({ token }) => ({
                token,
                without: ["content-length"],
                headers: ["Transfer-Encoding: chunked"],
                body: `${(16 * mebibyte).toString(16)}\r\n${"a".repeat(16 * mebibyte)}\r\n0\r\n\r\n`,
            }),
        },
        {
            name: "chunks of 100 kB for a page that is open to everybody",
            needs: "rest",
            expected: [413, "closed"],
            request: ({ rest }) => ({
                url: rest!.url,
                path: rest!.url.pathname.replace(/\/[^/]*$/, "/docs"),
                without: ["content-length"],
                headers: ["Transfer-Encoding: chunked"],
                body: `${(100_000).toString(16)}\r\n${"a".repeat(100_000)}\r\n0\r\n\r\n`,
            }),
        },
    ]),
    {
        group: "slowness",
        slow: true,
        name: "a head that never ends, a byte at a time",
        expected: [400, 408, "closed"],
        send: (target) => sendSlowHead(target),
    },
    {
        group: "slowness",
        slow: true,
        name: "a connection that sends nothing after its first line",
        expected: [400, 408, "closed"],
        send: ({ url }) =>
            sendBytes(url, `POST ${url.pathname} HTTP/1.1\r\n`, { timeoutMs: patienceMs }),
    },
    {
        group: "slowness",
        slow: true,
        name: "a body that never comes, without token",
        expected: [400, 401, 408, "closed"],
        send: (target) =>
            sendRequest(
                target,
                { without: ["content-length"], headers: ["Content-Length: 1000"], body: "{" },
                { timeoutMs: patienceMs },
            ),
    },
];

function sendSlowHead(target: AttackTarget) {
    const head = writeRequest(target, { token: target.token, headers: ["X-Slow: "], body: "" });
    const seconds = patienceMs / 1000;
    const later = Array.from({ length: seconds }, (_, second) => ({
        afterMs: second * 1000,
        bytes: "a",
    }));
    return sendBytes(target.url, head.slice(0, -4), { timeoutMs: patienceMs, later });
}
