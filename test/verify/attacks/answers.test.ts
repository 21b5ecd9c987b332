import assert from "node:assert/strict";

import { readAnswers } from "../../../verify/attacks/answers.ts";
import { judge } from "../../../verify/attacks/attack.ts";
import type { Attack, Verdict } from "../../../verify/attacks/attack.ts";

describe("readAnswers", () => {
    const cases = [
        {
            name: "a length",
            text: "HTTP/1.1 401 x\r\nContent-Length: 2\r\n\r\nhi",
            read: ["401 hi"],
        },
        { name: "no header", text: "HTTP/1.1 204 x\r\n\r\n", read: ["204 "] },
        {
            name: "chunks",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n",
            read: ["200 hi!"],
        },
        {
            name: "two responses",
            text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 401 x\r\nContent-Length: 1\r\n\r\nb",
            read: ["200 a", "401 b"],
        },
        {
            name: "an interim response",
            text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            read: ["200 "],
        },
        { name: "half a head", text: "HTTP/1.1 200 OK\r\nContent-Le", read: [] },
        { name: "half a body", text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", read: [] },
        {
            name: "a body without length, at the end of the connection",
            ended: true,
            text: "HTTP/1.1 200 OK\r\n\r\nhi",
            read: ["200 hi"],
        },
    ];
    for (const { name, text, read, ended = false } of cases) {
        it(`reads ${name}`, () => {
            const { answers } = readAnswers(Buffer.from(text), ended);
            assert.deepEqual(
                answers.map(({ status, body }) => `${status} ${body}`),
                read,
            );
        });
    }
});

describe("judge", () => {
    const attack: Attack = {
        group: "a",
        name: "b",
        expected: [401, "closed"],
        send: () => Promise.reject(new Error("not sent")),
    };
    const answer = (status: number, body = "") => ({ status, headers: {}, body });
    const result = '{"result":{}}';
    const cases: {
        name: string;
        change?: Partial<Attack>;
        answers: ReturnType<typeof answer>[];
        closed?: boolean;
        verdict: Verdict;
    }[] = [
        { name: "an expected status", answers: [answer(401)], verdict: "as expected" },
        { name: "another status", answers: [answer(500)], verdict: "differs" },
        { name: "a closed connection", answers: [], closed: true, verdict: "as expected" },
        { name: "silence", answers: [], verdict: "differs" },
        { name: "a result", answers: [answer(200, result)], verdict: "let through" },
        {
            name: "a result behind an expected status",
            answers: [answer(401), answer(200, result)],
            verdict: "let through",
        },
        {
            name: "text that must not appear",
            change: { forbidden: /evil/ },
            answers: [answer(401, "evil")],
            verdict: "let through",
        },
        {
            name: "the result of a legitimate call",
            change: { legitimate: true, expected: [200] },
            answers: [answer(200, result)],
            verdict: "as expected",
        },
        {
            name: "a legitimate call without result",
            change: { legitimate: true, expected: [200] },
            answers: [answer(200, "hello")],
            verdict: "differs",
        },
    ];
    for (const { name, change, answers, closed = false, verdict } of cases) {
        it(`calls ${name} '${verdict}'`, () => {
            assert.equal(judge({ ...attack, ...change }, { answers, closed }), verdict);
        });
    }
});
