import assert from "node:assert/strict";
import { NoIdentity } from "../../src/auth/noIdentity.ts";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { openArgumentCheck, type ArgumentCheck } from "../../src/policy/argumentCheck.ts";
import { createCallAdmission } from "../../src/policy/callAdmission.ts";
import { createToolPolicy } from "../../src/policy/toolPolicy.ts";
import { anonymous } from "../../src/auth/principal.ts";
import { keepSource, sourceOf } from "../../src/json/sourceText.ts";
import { largeText } from "../../src/json/text.ts";

const inputSchema = { type: "object", required: ["a"] };
const identity = new NoIdentity();

/** A catalogue that has read the tool `listed`, not yet the tool `late`, and fails for `lost`. */
const catalog = {
    known: (name: string) => (name === "listed" ? { name, inputSchema } : undefined),
    find: (name: string) =>
        name === "lost"
            ? Promise.reject(new Error("no server"))
            : Promise.resolve(name === "late" ? { name, inputSchema } : undefined),
};

function open(check?: ArgumentCheck) {
    const policy = createToolPolicy({
        tools: ["li*", "late", "lost", "hidden"],
        toolScopes: { lively: "s" },
    });
    return createCallAdmission({
        policy,
        uriLimit: 20,
        stepUp: (scopes) => identity.stepUp(scopes),
        check,
        catalog,
    });
}

const call = (params: JsonObject) => ({ id: 1, method: "tools/call", params });

describe("admission of calls", () => {
    let check: ArgumentCheck;
    before(async () => {
        check = await openArgumentCheck(() => undefined);
    });

    it("has no rule for anything but calls of tools", () => {
        const request = { id: 1, method: "prompts/get", params: { name: "rm" } };
        assert.equal(open(check)(anonymous, request), undefined);
    });

    it("refuses tools and scopes at once", () => {
        const statuses = ["rm", undefined, "lively", "listed"].map((name) => {
            const answer = open()(anonymous, call({ name }));
            assert.ok(!(answer instanceof Promise));
            return answer && [answer.status, answer.error.code];
        });
        assert.deepEqual(statuses, [[200, -32602], [200, -32602], [403, -32600], undefined]);
    });

    it("lets the server see what it looked at, not what another reader might make of the text", async () => {
        for (const name of ["listed", "late"]) {
            const text = `{"params":{"name":"${name}","arguments":{"a":1,"a":2,"b":"${"x".repeat(largeText)}"}}}`;
            const request = JSON.parse(text) as { params: JsonObject };
            const { params } = request;
            keepSource({ params }, text, Buffer.from(text));
            assert.equal(await open()(anonymous, call(params)), undefined);
            assert.notEqual(sourceOf(params.arguments), undefined);
            assert.equal(await open(check)(anonymous, call(params)), undefined);
            assert.equal(sourceOf(params.arguments), undefined);
        }
    });

    it("does not look at arguments unless asked to", () => {
        assert.equal(open()(anonymous, call({ name: "listed", arguments: {} })), undefined);
        assert.equal(open()(anonymous, call({ name: "late", arguments: {} })), undefined);
    });

    it("compares arguments at once for a tool that is known", () => {
        const admit = open(check);
        assert.equal(admit(anonymous, call({ name: "listed", arguments: { a: 1 } })), undefined);
        const answer = admit(anonymous, call({ name: "listed" }));
        assert.ok(answer !== undefined && !(answer instanceof Promise));
        assert.match(answer.error.message, /^invalid arguments for tool 'listed': \/a: must be/);
    });

    it("waits for the schema of a tool that is not known yet", async () => {
        const admit = open(check);
        assert.equal(
            await admit(anonymous, call({ name: "late", arguments: { a: 1 } })),
            undefined,
        );
        const answer = await admit(anonymous, call({ name: "late", arguments: {} }));
        assert.equal(answer?.result?.isError, true);
    });

    it("leaves a tool that is not listed to the server", async () => {
        assert.equal(await open(check)(anonymous, call({ name: "hidden" })), undefined);
    });

    it("refuses what it cannot compare because no server tells its tools", async () => {
        const answer = await open(check)(anonymous, call({ name: "lost" }));
        assert.equal(answer?.status, 503);
    });
});
