import type { Attack, AttackTarget, Refusal } from "../attack.ts";
import {
    encodeHeaders,
    endHeaders,
    endStream,
    frame,
    frameTypes,
    requestFrames,
    sendFrames,
    usualHeaders,
} from "../http2.ts";
import type { HeaderList } from "../http2.ts";

const refused: Refusal[] = [400, "closed"];

interface HeaderCase {
    name: string;
    /** @default 400 or a reset stream */
    expected?: Refusal[];
    /** Changes the header list of a request with a valid token. */
    change: (headers: HeaderList) => HeaderList;
}

const without = (name: string) => (headers: HeaderList) => headers.filter(([one]) => one !== name);
const set = (name: string, value: string) => (headers: HeaderList) =>
    headers.map(([one, old]): [string, string] => [one, one === name ? value : old]);
const add =
    (name: string, value: string) =>
    (headers: HeaderList): HeaderList => [...headers, [name, value]];

const headerCases: HeaderCase[] = [
    ...[":method", ":scheme"].map((name) => ({
        name: `no ${name}`,
        change: without(name),
    })),
    ...[":method", ":scheme", ":path", ":authority"].map((name) => ({
        name: `${name} twice`,
        change: (headers: HeaderList): HeaderList => [
            ...headers.filter(([one]) => one.startsWith(":")),
            headers.find(([one]) => one === name)!,
            ...headers.filter(([one]) => !one.startsWith(":")),
        ],
    })),
    { name: "no :path", change: without(":path") },
    ...["", "docs", "*", "http://evil.example/", "/a b", "/%zz", "/%00", "/..", "\0", "/\x7f"].map(
        (value) => ({
            name: `:path ${JSON.stringify(value)}`,
            expected: [...refused, 404, 421] as Refusal[],
            change: set(":path", value),
        }),
    ),
    { name: "an unknown pseudo-header", change: (all) => [[":evil", "x"], ...all] },
    { name: ":status in a request", change: (all) => [[":status", "200"], ...all] },
    {
        name: "a line end in :path",
        change: (all) => set(":path", `${all[2]![1]} HTTP/1.1\r\nx: y`)(all),
    },
    { name: "a line end in :method", change: set(":method", "POST / HTTP/1.1\r\nx: y") },
    {
        name: "CONNECT",
        expected: [...refused, 405, 501],
        change: set(":method", "CONNECT"),
    },
    {
        name: "a method in lower case",
        expected: [...refused, 405],
        change: set(":method", "post"),
    },
    { name: "a pseudo-header behind a field", change: (all) => [...all.slice(1), all[0]!] },
    { name: "a field name in upper case", change: add("X-Upper", "x") },
    { name: "a field name with a space", change: add("x evil", "x") },
    { name: "a field name with a line end", change: add("x\r\ny", "x") },
    { name: "a field value with a line end", change: add("x-a", "x\r\nx-auth-subject: forged") },
    { name: "a field value with NUL", change: add("x-a", "x\0y") },
    { name: "a line end in :authority", change: set(":authority", "localhost\r\nx: y") },
    {
        name: "another host in :authority",
        expected: [...refused, 404, 421],
        change: set(":authority", "evil.example"),
    },
    {
        name: "two tokens",
        expected: [...refused, 401],
        change: add("authorization", "Bearer garbage"),
    },
];

const headerAttacks: Attack[] = headerCases.map(({ name, expected = refused, change }) => ({
    group: "HTTP/2",
    name,
    expected,
    send: (target) =>
        sendFrames(target.url, requestFrames(change(usualHeaders(target, target.token)))),
}));

/** Sequences of frames that break the protocol, or cost the gateway more than the sender. */
const frameCases: {
    name: string;
    expected: Refusal[];
    frames: (target: AttackTarget) => Buffer[];
}[] = [
    {
        name: "a request without token",
        expected: [401],
        frames: (target) => requestFrames(usualHeaders(target)),
    },
    {
        name: "content-length below the length of DATA",
        expected: refused,
        frames: (target) =>
            requestFrames(add("content-length", "1")(usualHeaders(target, target.token))),
    },
    {
        name: "an even stream",
        expected: refused,
        frames: (target) => requestFrames(usualHeaders(target, target.token), 2),
    },
    {
        name: "a frame above the maximum size",
        expected: refused,
        frames: () => [frame(frameTypes.headers, endHeaders, 1, "\0".repeat(32_768))],
    },
    {
        name: "a window of zero",
        expected: refused,
        frames: () => [frame(frameTypes.windowUpdate, 0, 0, "\0\0\0\0")],
    },
    {
        name: "headers that refer to nothing",
        expected: refused,
        frames: () => [frame(frameTypes.headers, endHeaders | endStream, 1, "\xff\xff\xff\x7f")],
    },
    {
        name: "a thousand CONTINUATION frames without an end",
        expected: [...refused, 431],
        frames: (target) => [
            frame(frameTypes.headers, 0, 1, encodeHeaders(usualHeaders(target, target.token))),
            ...Array.from({ length: 1000 }, () =>
                frame(frameTypes.continuation, 0, 1, encodeHeaders([["x-a", "b".repeat(200)]])),
            ),
        ],
    },
];

/** Requests that are reset at once: each costs the gateway a request to the server if it does not limit them. */
const resets = 2000;

export const http2Attacks: Attack[] = [
    {
        group: "HTTP/2",
        name: "a request with token (must be accepted)",
        legitimate: true,
        expected: [200],
        send: (target) => sendFrames(target.url, requestFrames(usualHeaders(target, target.token))),
    },
    ...headerAttacks,
    ...frameCases.map(({ name, expected, frames }) => ({
        group: "HTTP/2",
        name,
        expected,
        send: (target: AttackTarget) => sendFrames(target.url, frames(target)),
    })),
    {
        group: "HTTP/2",
        name: `${resets} requests that are reset at once (CVE-2023-44487)`,
        expected: refused,
        send: (target) => {
            const headers = encodeHeaders(usualHeaders(target, target.token));
            const frames = Array.from({ length: resets }, (_, index) => [
                frame(frameTypes.headers, endHeaders, 2 * index + 1, headers),
                frame(frameTypes.reset, 0, 2 * index + 1, "\0\0\0\x08"),
            ]);
            return sendFrames(target.url, frames.flat(), { streams: resets });
        },
    },
];
