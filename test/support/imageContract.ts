import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Instructions of a Dockerfile, continued lines joined, as `[instruction, arguments]`. */
function readDockerfile(directory: string): [string, string][] {
    const text = readFileSync(join(directory, "Dockerfile"), "utf8");
    return text
        .replaceAll(/^#.*\n/gm, "")
        .replaceAll(/\\\n\s*/g, " ")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => {
            const [instruction = "", ...rest] = line.split(" ");
            return [instruction.toUpperCase(), rest.join(" ")];
        });
}

const find = (lines: [string, string][], instruction: string): string[] =>
    lines.filter(([name]) => name === instruction).map(([, rest]) => rest);

/** Checks the rules of `images/README.md` that a directory shows without being built. */
export function describeImage(
    name: string,
    directory: string,
    { isRunByHand }: { isRunByHand: boolean },
): void {
    describe(name, () => {
        const lines = readDockerfile(directory);
        const lastStage = lines.slice(lines.findLastIndex(([word]) => word === "FROM"));

        it("has two stages on pinned bases", () => {
            const bases = find(lines, "FROM");
            assert.ok(bases.length >= 2, String(bases.length));
            for (const base of bases) {
                assert.match(base, /^(scratch|[a-z0-9./-]+:\d+\.\d+[^ ]*( AS [a-z]+)?)$/);
            }
            assert.doesNotMatch(readFileSync(join(directory, "Dockerfile"), "utf8"), /latest/);
        });

        it("runs as a numeric user who is not root", () => {
            const users = find(lastStage, "USER");
            assert.equal(users.length, 1);
            assert.match(users[0] ?? "", /^[1-9]\d*:[1-9]\d*$/);
        });

        it("starts its program without a shell", () => {
            const entrypoints = [...find(lines, "ENTRYPOINT"), ...find(lines, "CMD")];
            assert.ok(entrypoints.length > 0);
            for (const entrypoint of entrypoints) {
                assert.ok(Array.isArray(JSON.parse(entrypoint)), entrypoint);
            }
        });

        it("copies its lock before its sources, and installs exactly what it locks", () => {
            const copies = find(lines, "COPY").filter((copy) => !copy.startsWith("--from"));
            assert.match(copies[0] ?? "", /package-lock\.json|requirements\.txt/);
            const runs = find(lines, "RUN").join("\n");
            assert.match(runs, /npm ci|pip install[^\n]*--require-hashes/);
            assert.doesNotMatch(runs, /npm install/);
        });

        it("has a lock without the address of a registry", () => {
            const locks = ["package-lock.json", "requirements.txt"]
                .map((lock) => join(directory, lock))
                .filter((lock) => existsSync(lock));
            assert.equal(locks.length, 1);
            const lock = readFileSync(locks[0] ?? "", "utf8");
            assert.doesNotMatch(lock, /"resolved"|--index-url|--find-links| @ https?:/);
            assert.match(lock, /sha(256|512)/);
        });

        it("says what it is", () => {
            const labels = find(lastStage, "LABEL").join(" ");
            for (const label of ["title", "description", "licenses", "version"]) {
                assert.match(labels, new RegExp(`org\\.opencontainers\\.image\\.${label}="[^"]+"`));
            }
        });

        it("says how it is run", () => {
            const readme = readFileSync(join(directory, "README.md"), "utf8");
            if (isRunByHand) {
                assert.match(readme, /^docker run /m);
            }
        });

        it("sends no more than it needs to the builder, and has a README", () => {
            const ignored = readFileSync(join(directory, ".dockerignore"), "utf8");
            assert.match(ignored, /^\*$/m);
            assert.ok(existsSync(join(directory, "README.md")));
        });
    });
}
