import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { createToolPolicy } from "../../src/policy/toolPolicy.ts";
import { findPolicyProblems } from "../../src/options/policyRules.ts";
import { anonymous, type Principal } from "../../src/auth/principal.ts";

const caller = (...scopes: string[]): Principal => ({ subject: "u", client: "c", scopes });
const listOf = (...names: unknown[]): JsonObject => ({
    tools: names.map((name) => ({ name, inputSchema: {} })),
    nextCursor: "2",
});

describe("the tool policy", () => {
    it("lets everything pass where nothing is asked for", () => {
        const policy = createToolPolicy({ tools: [], toolScopes: {} });
        const result = listOf("a", 1);
        assert.equal(policy.filterTools(result), result);
        assert.equal(policy.refuseTool(anonymous, "a"), undefined);
        assert.equal(policy.refuseTool(anonymous, undefined), undefined);
        assert.equal(policy.offers("a"), true);
    });

    it("knows no tool that is not offered", () => {
        const policy = createToolPolicy({ tools: ["git_*", "add"], toolScopes: {} });
        for (const name of ["git_log", "add"]) {
            assert.equal(policy.refuseTool(anonymous, name), undefined);
            assert.equal(policy.offers(name), true);
        }
        for (const name of ["Add", "add ", "", "legit_", undefined, null, 1, ["add"]]) {
            assert.deepEqual(policy.refuseTool(caller(), name), { kind: "unknown" });
        }
        assert.equal(policy.offers("rm"), false);
    });

    it("leaves out of a list what is not offered, and nothing else", () => {
        const policy = createToolPolicy({ tools: ["git_*"], toolScopes: { git_push: "write" } });
        assert.deepEqual(
            policy.filterTools(listOf("git_log", "rm", "git_push", undefined)),
            listOf("git_log", "git_push"),
        );
        const all = listOf("git_log");
        assert.equal(policy.filterTools(all), all);
        const error = { content: [] };
        assert.equal(policy.filterTools(error), error);
    });

    it("names all scopes a tool needs, of every pattern that means it", () => {
        const policy = createToolPolicy({
            tools: [],
            toolScopes: { "*": "base", "git_*": "git  git:read", git_push: "git write" },
        });
        const scopes = ["base", "git", "git:read", "write"];
        const refusal = { kind: "scope", scopes };
        assert.deepEqual(policy.refuseTool(caller("base", "git"), "git_push"), refusal);
        assert.equal(policy.refuseTool(caller(...scopes, "more"), "git_push"), undefined);
        assert.equal(policy.refuseTool(caller("base"), "add"), undefined);
    });

    it("refuses a caller of whom no scopes are known", () => {
        const policy = createToolPolicy({ tools: [], toolScopes: { push: "write" } });
        const unknown = { subject: "u", client: "c", scopes: undefined };
        for (const principal of [anonymous, unknown, caller(), caller("writer")]) {
            const refusal = { kind: "scope", scopes: ["write"] };
            assert.deepEqual(policy.refuseTool(principal, "push"), refusal);
            assert.equal(policy.refuseTool(principal, "pull"), undefined);
        }
    });

    it("answers the same for a name it has seen, after any number of others", () => {
        const policy = createToolPolicy({ tools: ["t*"], toolScopes: { "*1": "one" } });
        for (let round = 0; round < 2; round++) {
            for (let index = 0; index < 3000; index++) {
                const refusal = policy.refuseTool(caller(), `t${index}`);
                assert.equal(refusal?.kind, index % 10 === 1 ? "scope" : undefined);
                assert.equal(policy.refuseTool(caller(), `x${index}`)?.kind, "unknown");
            }
        }
    });
});

describe("findPolicyProblems", () => {
    it("finds scopes that are none and tools that nobody could call", () => {
        const toolScopes = { push: "write", pull: 'a"b', add: " " };
        assert.deepEqual(
            findPolicyProblems({ toolScopes: { push: "a b" }, identity: "token" }),
            [],
        );
        assert.deepEqual(findPolicyProblems({ identity: "none" }), []);
        const text = findPolicyProblems({ toolScopes, identity: "none" }).join("\n");
        assert.match(text, /for 'pull', got 'a"b'\n.*for 'add', got ' '\n.*nobody could call/);
    });
});
