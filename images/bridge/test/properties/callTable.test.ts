import assert from "node:assert/strict";
import fc from "fast-check";
import { CallTable, forever } from "../../src/stdio/callTable.ts";
import type { JsonObject } from "../../src/json/jsonRpc.ts";

const hour = 3_600_000;

/** What happens to calls, in any order: each names a call by its place among all so far. */
const steps = fc.array(
    fc.oneof(
        fc.record({
            kind: fc.constant("add" as const),
            token: fc.constantFrom("t", 0, 1, undefined),
            lasting: fc.boolean(),
        }),
        fc.record({
            kind: fc.constantFrom(
                "progress" as const,
                "answer" as const,
                "answerAsText" as const,
                "forget" as const,
                "stray" as const,
            ),
            at: fc.nat(),
        }),
        fc.record({ kind: fc.constant("failAll" as const) }),
    ),
    { maxLength: 300, size: "max" },
);

interface Caller {
    id: number;
    token: string | number | undefined;
    lasting: boolean;
    open: boolean;
    /** What it must have heard, and what it did. */
    expected: unknown[];
    heard: unknown[];
}

describe("calls of a process", () => {
    it("hear each its own, in order, one answer at most, whatever happens to the others", () => {
        fc.assert(
            fc.property(steps, (happened) => {
                const table = new CallTable();
                const callers: Caller[] = [];
                let told = 0;
                for (const step of happened) {
                    if (step.kind === "add") {
                        callers.push(enter(table, step.token, step.lasting));
                        continue;
                    }
                    if (step.kind === "failAll") {
                        table.failAll("over");
                        for (const caller of callers.filter(({ open }) => open)) {
                            caller.open = false;
                            caller.expected.push("over");
                        }
                        continue;
                    }
                    const caller = callers[step.at % callers.length];
                    if (caller === undefined) {
                        continue;
                    }
                    const { id, token, open } = caller;
                    const mark = ++told;
                    if (step.kind === "progress") {
                        const wanted = open && token !== undefined;
                        assert.equal(table.progress({ progressToken: id, mark }), wanted);
                        if (wanted) {
                            caller.expected.push({ progressToken: token, mark });
                        }
                    } else if (step.kind === "forget") {
                        assert.equal(table.forget(id), open);
                        caller.open = false;
                    } else if (step.kind === "stray") {
                        for (const nobody of [0, -id, id + 0.5, NaN, null, {}, 2 ** 32 + id]) {
                            assert.equal(table.answer(nobody, { result: {} }), false);
                        }
                    } else {
                        const name = step.kind === "answer" ? id : String(id);
                        assert.equal(table.answer(name, { result: { mark } }), open);
                        if (open) {
                            caller.open = false;
                            caller.expected.push({ mark });
                        }
                    }
                }
                callers.forEach(({ expected, heard }) => assert.deepEqual(heard, expected));
                assert.equal(new Set(callers.map(({ id }) => id)).size, callers.length);
                const open = callers.filter((caller) => caller.open);
                assert.equal(table.size, open.length);
                assert.equal(table.expected, open.filter(({ lasting }) => !lasting).length);
                table.failAll("end");
                assert.deepEqual([table.size, table.expected], [0, 0]);
            }),
        );
    });
});

function enter(table: CallTable, token: Caller["token"], lasting: boolean): Caller {
    const heard: unknown[] = [];
    const params = token === undefined ? {} : { _meta: { progressToken: token } };
    const handlers = {
        onProgress: (progress: JsonObject) => heard.push(progress),
        onAnswer: (outcome: { result: JsonObject } | { error: { message: string } }) =>
            heard.push("result" in outcome ? outcome.result : outcome.error.message),
    };
    const { id, params: sent } = table.add(params, handlers, lasting ? forever : hour, () =>
        assert.fail("an hour has not passed"),
    );
    if (token !== undefined) {
        assert.deepEqual(sent, { _meta: { progressToken: id } });
    }
    return { id, token, lasting, open: true, expected: [], heard };
}
