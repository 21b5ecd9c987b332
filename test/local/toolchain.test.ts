import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isNewEnough } from "../../local/toolchain/findGo.ts";
import { hashInputs } from "../../local/toolchain/hashInputs.ts";

const toolchain = join(import.meta.dirname, "../../local/toolchain");

describe("isNewEnough", () => {
    const cases = {
        "go1.26.4": true,
        "go1.26.8": true,
        "go1.27": true,
        "go2.0": false,
        "go1.26.3": false,
        "go1.26rc1": false,
        "go1.9.7": false,
        "devel +abc": false,
    };
    for (const [version, expected] of Object.entries(cases)) {
        it(`${expected ? "accepts" : "rejects"} '${version}'`, () => {
            assert.equal(isNewEnough(version), expected);
        });
    }

    it("requires at least the version of every module", async () => {
        for (const entry of await readdir(toolchain, { withFileTypes: true })) {
            if (!entry.isDirectory()) continue;
            const module = await readFile(join(toolchain, entry.name, "go.mod"), "utf8");
            const [, version] = /^go (\S+)$/m.exec(module) ?? [];
            const [minor, patch] = (version ?? "").split(".").slice(1).map(Number);
            const older = patch === 0 ? `go1.${minor! - 1}.99` : `go1.${minor}.${patch! - 1}`;
            assert.ok(isNewEnough(`go${version}`) || !isNewEnough(older), entry.name);
            assert.ok(!isNewEnough(older), `${entry.name} needs go${version}`);
        }
    });
});

describe("hashInputs", () => {
    let directory: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-inputs-"));
        await writeFile(join(directory, "go.mod"), "module one");
    });

    afterEach(() => rm(directory, { recursive: true }));

    it("is the same for the same files and texts", async () => {
        const [one, two] = [await hashInputs(directory, ["a"]), await hashInputs(directory, ["a"])];
        assert.equal(one, two);
    });

    const changes: Record<string, () => Promise<string>> = {
        "a file's text": async () => {
            await writeFile(join(directory, "go.mod"), "module two");
            return hashInputs(directory, ["a"]);
        },
        "a file's name": async () => {
            await rename(join(directory, "go.mod"), join(directory, "go.sum"));
            return hashInputs(directory, ["a"]);
        },
        "a new file": async () => {
            await writeFile(join(directory, "main.go"), "");
            return hashInputs(directory, ["a"]);
        },
        "the compiler": () => hashInputs(directory, ["b"]),
    };
    for (const [what, change] of Object.entries(changes)) {
        it(`changes with ${what}`, async () => {
            const before = await hashInputs(directory, ["a"]);
            assert.notEqual(await change(), before);
        });
    }
});
