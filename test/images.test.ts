import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Directories of images: those of the project and those that its tests deploy. */
const images = ["images", "test/images"].flatMap((place) =>
    readdirSync(join(root, place), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${place}/${name}`),
);

/** Instructions of a Dockerfile, continued lines joined, as `[instruction, arguments]`. */
function readDockerfile(image: string): [string, string][] {
    const text = readFileSync(join(root, image, "Dockerfile"), "utf8");
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

describe("images", () => {
    it("are found", () => {
        for (const name of [
            "images/add-numbers",
            "images/bridge",
            "images/brave-search",
            "images/fetch",
            "images/greeter",
            "images/task-orchestrator",
            "test/images/probe-server",
        ]) {
            assert.ok(images.includes(name), name);
        }
    });

    for (const name of images) {
        describe(name, () => {
            const lines = readDockerfile(name);
            const lastStage = lines.slice(lines.findLastIndex(([word]) => word === "FROM"));

            it("has two stages on pinned bases", () => {
                const bases = find(lines, "FROM");
                assert.ok(bases.length >= 2, String(bases.length));
                for (const base of bases) {
                    assert.match(base, /^(scratch|[a-z0-9./-]+:\d+\.\d+[^ ]*( AS [a-z]+)?)$/);
                }
                assert.doesNotMatch(readFileSync(join(root, name, "Dockerfile"), "utf8"), /latest/);
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
                    .map((lock) => join(root, name, lock))
                    .filter((lock) => existsSync(lock));
                assert.equal(locks.length, 1);
                const lock = readFileSync(locks[0] ?? "", "utf8");
                assert.doesNotMatch(lock, /"resolved"|--index-url|--find-links| @ https?:/);
                assert.match(lock, /sha(256|512)/);
            });

            it("says what it is", () => {
                const labels = find(lastStage, "LABEL").join(" ");
                for (const label of ["title", "description", "licenses", "version"]) {
                    assert.match(
                        labels,
                        new RegExp(`org\\.opencontainers\\.image\\.${label}="[^"]+"`),
                    );
                }
            });

            it("says how it is run", () => {
                const readme = readFileSync(join(root, name, "README.md"), "utf8");
                if (name.startsWith("images/") && name !== "images/bridge") {
                    assert.match(readme, /^docker run /m);
                }
            });

            it("sends no more than it needs to the builder, and has a README", () => {
                const ignored = readFileSync(join(root, name, ".dockerignore"), "utf8");
                assert.match(ignored, /^\*$/m);
                assert.ok(existsSync(join(root, name, "README.md")));
            });
        });
    }

    it("are built with the versions of their dependencies that tests run with", () => {
        const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
        const project = read(join(root, "package.json"));
        const tested = { ...project.dependencies, ...project.devDependencies };
        for (const image of images) {
            const file = join(root, image, "package.json");
            if (!existsSync(file)) continue;
            const { dependencies, devDependencies } = read(file);
            for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
                assert.equal(version, tested[name], `${image}: ${name}`);
            }
        }
    });

    it("install ReDoc as its bundle alone, without the packages that it is made from", () => {
        for (const place of ["", "images/bridge", "images/greeter"]) {
            const file = join(root, place, "package-lock.json");
            const { packages } = JSON.parse(readFileSync(file, "utf8"));
            const { dependencies, peerDependencies } = packages["node_modules/redoc"];
            assert.deepEqual(
                [dependencies, peerDependencies],
                [undefined, undefined],
                `${join(place, "package-lock.json")}: 'node_modules/redoc' must have neither 'dependencies' nor 'peerDependencies'; delete both, then run 'npm install --package-lock-only' there`,
            );
        }
    });
});
