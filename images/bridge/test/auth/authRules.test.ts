import assert from "node:assert/strict";
import { findAuthProblems } from "../../src/options/authRules.ts";

const good = {
    identity: "token" as const,
    issuer: "https://id.example.org/realms/r",
    jwksUri: "",
    audience: "https://mcp.example.org/add/mcp",
    scopes: ["mcp:add"],
};

describe("findAuthProblems", () => {
    it("finds nothing wrong where nothing is", () => {
        assert.deepEqual(findAuthProblems(good), []);
        assert.deepEqual(findAuthProblems({ identity: "none", issuer: "", scopes: [] }), []);
    });

    const cases: [string, object, RegExp][] = [
        ["an issuer that is no URL", { issuer: "id.example.org" }, /--issuer.*'id\.example\.org'/],
        ["keys in a file", { jwksUri: "file:///keys" }, /--jwks-uri/],
        ["an audience that is no URL", { audience: "api://default" }, /--audience/],
        ["an audience with a fragment", { audience: "https://a.example.org/#x" }, /--audience/],
        ["a scope that ends the challenge", { scopes: ['a", error="'] }, /--scopes.*must be print/],
        ["tokens nobody looks at", { identity: "headers" }, /--identity.*got 'headers'/],
        ["scopes nobody looks at", { identity: "none", issuer: "" }, /--scopes.*must come with/],
    ];
    for (const [what, change, problem] of cases) {
        it(`finds ${what}`, () => {
            assert.match(findAuthProblems({ ...good, ...change }).join("\n"), problem);
        });
    }
});
