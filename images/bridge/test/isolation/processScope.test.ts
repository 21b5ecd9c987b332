import assert from "node:assert/strict";
import {
    canBeAsked,
    planRequest,
    planSession,
    type ProcessScope,
} from "../../src/calls/processScope.ts";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import type { Isolation } from "../../src/options/bridgeOptions.ts";

describe("whose process serves a session", () => {
    const rows: [isolation: Isolation, silent: ProcessScope, asked: ProcessScope][] = [
        ["auto", "shared", "session"],
        ["shared", "shared", "shared"],
        ["session", "session", "session"],
        ["principal", "principal", "principal"],
        ["request", "request", "request"],
    ];
    for (const [isolation, silent, asked] of rows) {
        it(`is '${silent}' under '${isolation}', '${asked}' when the client can be asked`, () => {
            assert.equal(planSession(isolation, {}), silent);
            assert.equal(planSession(isolation, { sampling: {} }), asked);
        });
    }
});

describe("whose process serves a request without a session", () => {
    const rows: [
        isolation: Isolation,
        plain: ProcessScope,
        particular: ProcessScope,
        other: ProcessScope,
    ][] = [
        ["auto", "shared", "request", "shared"],
        ["shared", "shared", "shared", "shared"],
        ["session", "request", "request", "request"],
        ["principal", "principal", "principal", "principal"],
        ["request", "request", "request", "request"],
    ];
    for (const [isolation, plain, particular, other] of rows) {
        it(`is '${plain}' under '${isolation}', '${particular}' when it wants what one process gives`, () => {
            assert.equal(planRequest(isolation, "tools/call", false), plain);
            assert.equal(planRequest(isolation, "tools/call", true), particular);
            assert.equal(planRequest(isolation, "completion/complete", true), other);
        });
    }
});

describe("a client that can be asked", () => {
    const rows: [capabilities: JsonObject, asked: boolean][] = [
        [{ elicitation: {} }, true],
        [{ sampling: {} }, true],
        [{ roots: { listChanged: true } }, true],
        [{ experimental: {} }, false],
        [{ roots: true }, false],
        [{}, false],
    ];
    for (const [capabilities, asked] of rows) {
        it(`is ${asked ? "one" : "none"} that declares ${JSON.stringify(capabilities)}`, () => {
            assert.equal(canBeAsked(capabilities), asked);
        });
    }
});
