import assert from "node:assert/strict";

import { findImageProblems } from "../../../components/problems/values.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("findImageProblems", () => {
    for (const reference of [
        "mcp/fetch:1.4.0",
        "ghcr.io/acme/fetch:v2",
        "localhost:5000/fetch:3.1-slim",
        `ghcr.io/acme/fetch@${digest}`,
        `fetch:latest@${digest}`,
    ]) {
        it(`accepts '${reference}'`, () =>
            assert.deepEqual(findImageProblems("image", reference), []));
    }

    const refused = [
        { reference: "mcp/fetch:latest", got: "'mcp/fetch:latest'" },
        { reference: "mcp/fetch", got: "no tag in 'mcp/fetch'" },
        { reference: "localhost:5000/fetch", got: "no tag in 'localhost:5000/fetch'" },
        { reference: "mcp/fetch:edge", got: "'mcp/fetch:edge'" },
        { reference: "mcp/fetch@sha256:short", got: "" },
    ];
    for (const { reference, got } of refused) {
        it(`refuses '${reference}'`, () => {
            const [problem] = findImageProblems("source.image", reference);
            assert.equal(problem?.path, "source.image");
            assert.ok(problem.reason.includes(`got ${got}`), problem.reason);
        });
    }
});
