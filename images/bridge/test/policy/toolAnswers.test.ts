import assert from "node:assert/strict";
import { IdentityHeaders } from "../../src/auth/identityHeaders.ts";
import { refuseArguments, refuseCall } from "../../src/policy/toolAnswers.ts";

const identity = new IdentityHeaders("https://mcp.example.org/mcp");
const stepUp = (scopes: readonly string[]) => identity.stepUp(scopes);

describe("the answer to a call that may not pass", () => {
    it("is a server's own for a tool that does not exist", () => {
        assert.deepEqual(refuseCall({ kind: "unknown" }, "rm", stepUp), {
            status: 200,
            error: { code: -32602, message: "Unknown tool: rm" },
        });
    });

    it("is 403 with a challenge for want of scopes", () => {
        const { status, error, headers } = refuseCall(
            { kind: "scope", scopes: ["a", "b"] },
            "push",
            stepUp,
        );
        assert.equal(status, 403);
        assert.deepEqual(error.data, { error: "insufficient_scope", scope: "a b" });
        assert.equal(headers?.[0], "www-authenticate");
        assert.match(headers?.[1] ?? "", /^Bearer error="insufficient_scope".*scope="a b"$/);
    });

    it("is the result of a failed tool for arguments that a model can repair", () => {
        const message = "/a: must be given";
        assert.deepEqual(refuseArguments({ kind: "arguments", message }), {
            status: 200,
            error: { code: -32602, message },
            result: { content: [{ type: "text", text: message }], isError: true },
        });
    });

    it("is an error for a schema that nobody can match", () => {
        assert.deepEqual(refuseArguments({ kind: "schema", message: "no schema" }), {
            status: 200,
            error: { code: -32603, message: "no schema" },
        });
    });
});
