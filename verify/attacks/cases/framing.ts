import type { Attack, AttackTarget, Refusal } from "../attack.ts";
import { initializeMessage, sendBytes, writeRequest } from "../http1.ts";
import type { HandmadeRequest } from "../http1.ts";
import { malformed } from "./cases.ts";

interface FramingCase {
    name: string;
    /** @default `malformed` */
    expected?: Refusal[];
    /** Changes to a request with a valid token, behind whose body a request without a token is hidden. */
    request: Omit<HandmadeRequest, "url" | "token" | "path">;
}

const chunked = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const message = chunked(initializeMessage);
const length = `Content-Length: ${Buffer.byteLength(initializeMessage)}`;
const encoding = "Transfer-Encoding: chunked";
/** Without `Connection: close`, so that a hidden request would be answered. */
const open = ["connection"];
const unframed = [...open, "content-length"];

/** Requests with two meanings: a gateway and a server that read them differently disagree on where the next one starts. */
const ambiguous: FramingCase[] = [
    {
        name: "Content-Length before Transfer-Encoding (CL.TE)",
        request: { without: unframed, headers: [length, encoding], body: message },
    },
    {
        name: "Transfer-Encoding before Content-Length (TE.CL)",
        request: { without: unframed, headers: [encoding, length], body: message },
    },
    { name: "two different Content-Length fields", request: { headers: ["Content-Length: 5"] } },
    { name: "two equal Content-Length fields", request: { headers: [length] } },
    ...["+5", "-1", "0x10", "5, 5", "5 5", "1e2", "99999999999999999999", "", "5;x"].map(
        (value) => ({
            name: `Content-Length '${value}'`,
            request: { without: unframed, headers: [`Content-Length: ${value}`] },
        }),
    ),
    ...[
        "xchunked",
        "chunked, identity",
        "gzip, chunked",
        "identity",
        "chunked\x0b",
        "\x00chunked",
    ].map((value) => ({
        name: `Transfer-Encoding ${JSON.stringify(value)}`,
        expected: [...malformed, 501] as Refusal[],
        request: { without: unframed, headers: [`Transfer-Encoding: ${value}`], body: message },
    })),
    {
        name: "two Transfer-Encoding fields",
        expected: [...malformed, 501],
        request: { without: unframed, headers: [encoding, encoding], body: message },
    },
    {
        name: "Transfer-Encoding in HTTP/1.0",
        expected: [...malformed, 501],
        request: { version: "HTTP/1.0", without: unframed, headers: [encoding], body: message },
    },
    {
        name: "a space before the colon of Transfer-Encoding",
        request: { headers: ["Transfer-Encoding : chunked"], without: open },
    },
    { name: "a folded field line (obs-fold)", request: { headers: ["X-A: b", " c: d"] } },
    {
        name: "a folded Transfer-Encoding",
        request: { headers: ["Transfer-Encoding:", " chunked"] },
    },
    { name: "a bare CR in a field", request: { headers: ["X-A: b\rTransfer-Encoding: chunked"] } },
    { name: "a NUL in a field", request: { headers: ["X-A: b\0c"] } },
    { name: "a field without a name", request: { headers: [": b"] } },
    { name: "a space in a field name", request: { headers: ["X A: b"] } },
    ...["-1", "0x10", "FFFFFFFFFFFFFFFFF", "5 ", "g", ""].map((size) => ({
        name: `chunk size '${size}'`,
        request: {
            without: unframed,
            headers: [encoding],
            body: `${size}\r\n${initializeMessage}\r\n0\r\n\r\n`,
        },
    })),
    {
        name: "a chunk that is longer than its size",
        request: { without: unframed, headers: [encoding], body: `1\r\n${message}` },
    },
    { name: "HTTP/1.1 without Host", request: { without: ["host"] } },
    { name: "two Host fields", request: { headers: ["Host: evil.example"] } },
    {
        name: "no version (HTTP/0.9)",
        // A page without status line counts as 200: it must not be the result of a call.
        expected: [...malformed, 200],
        request: { version: "", method: "GET", body: "" },
    },
    {
        name: "an unknown major version",
        expected: [...malformed, 505],
        request: { version: "HTTP/9.9" },
    },
];

/** Framing that is legitimate, with a request without a token behind it: that one is refused on its own. */
const pipelined: FramingCase[] = [
    { name: "a second request behind Content-Length", request: { without: open } },
    {
        name: "a second request behind chunks",
        request: { without: unframed, headers: [encoding], body: message },
    },
    {
        name: "a second request behind a trailer",
        request: {
            without: unframed,
            headers: [encoding, "Trailer: X-A"],
            body: message.replace(/\r\n$/, "X-A: b\r\n\r\n"),
        },
    },
];

export const framingAttacks: Attack[] = [
    ...ambiguous.map(({ name, expected = malformed, request }) => ({
        group: "framing",
        name,
        expected,
        send: (target: AttackTarget) => {
            const without = [...open, ...(request.without ?? [])];
            const bytes = writeRequest(target, { token: target.token, ...request, without });
            return sendBytes(target.url, bytes + writeRequest(target), { lingerMs: 300 });
        },
    })),
    ...pipelined.map(({ name, request }) => ({
        group: "framing",
        name,
        // The outer request is refused as well: its token is invalid.
        expected: [401] as Refusal[],
        send: (target: AttackTarget) => {
            const bytes = writeRequest(target, { token: "garbage", ...request });
            return sendBytes(target.url, bytes + writeRequest(target), { lingerMs: 300 });
        },
    })),
];
