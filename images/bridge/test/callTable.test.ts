import assert from "node:assert/strict";
import fc from "fast-check";
import { CallTable } from "../src/stdio/callTable.ts";
import type { JsonObject } from "../src/json/jsonRpc.ts";

const hour = 3_600_000;
const expired = (): never => assert.fail("an hour has not passed");

describe("CallTable", () => {
    it("gives progress and answers to their callers, however they interleave and whatever tokens they chose", () => {
        const plan = fc.array(
            fc.record({ token: fc.constantFrom<string | number>("t", 0, 1), steps: fc.nat(4) }),
            { maxLength: 20 },
        );
        fc.assert(
            fc.property(plan, fc.infiniteStream(fc.nat()), (callers, choices) => {
                const table = new CallTable();
                const seen = callers.map(() => [] as unknown[]);
                const open = callers.map(({ token, steps }, index) => {
                    const params = { name: index, _meta: { progressToken: token } };
                    const outgoing = table.add(
                        params,
                        {
                            onProgress: (progress) => seen[index]?.push(progress),
                            onAnswer: (outcome) => seen[index]?.push(outcome),
                        },
                        hour,
                        expired,
                    );
                    return { index, id: outgoing.id, params: outgoing.params, done: 0, steps };
                });
                const waiting = [...open];
                for (const choice of choices) {
                    const call = waiting[choice % waiting.length];
                    if (!call) {
                        break;
                    }
                    const { progressToken } = call.params?._meta as JsonObject;
                    if (call.done < call.steps) {
                        table.progress({ progressToken, progress: ++call.done });
                    } else {
                        table.answer(call.id, { result: { index: call.index } });
                        waiting.splice(waiting.indexOf(call), 1);
                    }
                }
                callers.forEach(({ token, steps }, index) => {
                    const progress = Array.from({ length: steps }, (_, step) => ({
                        progressToken: token,
                        progress: step + 1,
                    }));
                    assert.deepEqual(seen[index], [...progress, { result: { index } }]);
                });
                assert.equal(table.size, 0);
            }),
        );
    });

    it("drops progress of a caller that asked for none, and a second answer", () => {
        const table = new CallTable();
        const seen: unknown[] = [];
        const handlers = {
            onProgress: () => assert.fail("nobody asked"),
            onAnswer: (outcome: unknown) => seen.push(outcome),
        };
        const { id } = table.add({}, handlers, hour, expired);
        assert.equal(table.progress({ progressToken: id, progress: 1 }), false);
        assert.equal(table.answer(id, { result: {} }), true);
        assert.equal(table.answer(id, { result: {} }), false);
        assert.equal(seen.length, 1);
    });
});
