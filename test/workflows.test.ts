import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { parse } from "yaml";

interface Workflow {
    permissions?: Record<string, string>;
    jobs: Record<
        string,
        { if?: string; permissions?: Record<string, string>; steps: { uses?: string }[] }
    >;
}

const files = globSync(".github/workflows/*.yml").sort();

const readWorkflow = (file: string) => parse(readFileSync(file, "utf8")) as Workflow;

describe("the workflows of a repository with this project", () => {
    for (const file of files) {
        it(`${file}: every action is pinned by the digest of a commit`, () => {
            const { jobs } = readWorkflow(file);
            const used = Object.values(jobs).flatMap(({ steps }) =>
                steps.flatMap(({ uses }) => uses ?? []),
            );
            for (const action of used) assert.match(action, /^[\w/-]+@[0-9a-f]{40}$/);
        });

        it(`${file}: may read the sources, and write nothing but the comment of a preview`, () => {
            const { permissions, jobs } = readWorkflow(file);
            assert.deepEqual(permissions, { contents: "read" });
            const own = Object.values(jobs).flatMap(({ permissions: granted }) =>
                granted === undefined ? [] : [granted],
            );
            const expected = file.endsWith("preview.yml")
                ? [{ contents: "read", "pull-requests": "write" }]
                : [];
            assert.deepEqual(own, expected);
        });
    }

    it("give no secrets to pull requests of forks", () => {
        const { jobs } = readWorkflow(".github/workflows/preview.yml");
        assert.match(jobs["preview"]?.if ?? "", /head\.repo\.full_name == github\.repository/);
        assert.doesNotMatch(
            readFileSync(".github/workflows/preview.yml", "utf8"),
            /pull_request_target/,
        );
    });
});
