import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";

/** Creates an output, for which the SDK keeps a trace, and an error. */
const program = `
    const { dropPromiseTraces } = await load("promiseTraces.ts");
    const { debuggablePromise } = await import("@pulumi/pulumi/runtime/debuggable.js");
    function fail() {
        return new TypeError("broken").stack.split("\\n").slice(0, 2).join("\\n");
    }
    const made = () => {
        const promise = Promise.resolve();
        debuggablePromise(promise, "context");
        return promise._debugStackTrace;
    };
    const before = { trace: made(), error: fail() };
    dropPromiseTraces();
    dropPromiseTraces();
    console.log(JSON.stringify({ before, after: { trace: made(), error: fail() } }));
`;

interface Traces {
    trace: string;
    error: string;
}

describe("dropPromiseTraces", () => {
    it("discards traces of the SDK's promises, and keeps those of errors", async () => {
        const { stdout } = await evaluate(program);
        const { before, after } = JSON.parse(stdout) as Record<"before" | "after", Traces>;
        assert.match(before.trace, /debuggablePromise/);
        assert.equal(after.trace, "");
        const withoutPlace = ({ error }: Traces) => error.replace(/\d+:\d+/, "");
        assert.match(after.error, /^TypeError: broken\n {4}at fail /);
        assert.equal(withoutPlace(after), withoutPlace(before));
    });

    it("keeps them when PULUMI_DEBUG_PROMISE_LEAKS is set", async () => {
        const { stdout } = await evaluate(
            `process.env.PULUMI_DEBUG_PROMISE_LEAKS = "true";\n${program}`,
        );
        const { after } = JSON.parse(stdout) as Record<"after", Traces>;
        assert.match(after.trace, /debuggablePromise/);
    });
});
