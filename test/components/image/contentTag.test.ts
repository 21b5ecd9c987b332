import assert from "node:assert/strict";
import { chmodSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { contentTag } from "../../../components/image/contentTag.ts";
import { makeSourceDirectory } from "../../support/sourceDirectory.ts";

const files = {
    Dockerfile: "FROM scratch\n",
    ".dockerignore": "node_modules\n*.md\n!keep.md\n",
    "src/main.ts": "export {};\n",
};

describe("contentTag", () => {
    it("depends neither on times nor on the directory's place", () => {
        const [one, other] = [makeSourceDirectory(files), makeSourceDirectory(files)];
        utimesSync(join(other, "src/main.ts"), 0, 0);
        assert.equal(contentTag(one), contentTag(other));
        assert.match(contentTag(one), /^content-[0-9a-f]{16}$/);
    });

    const changes: [string, (directory: string) => void][] = [
        ["a file changes", (directory) => writeFileSync(join(directory, "src/main.ts"), "x")],
        ["a file comes", (directory) => writeFileSync(join(directory, "src/new.ts"), "")],
        [
            "a file becomes a program",
            (directory) => chmodSync(join(directory, "src/main.ts"), 0o755),
        ],
        ["a link comes", (directory) => symlinkSync("main.ts", join(directory, "src/link.ts"))],
        ["an excepted file comes", (directory) => writeFileSync(join(directory, "keep.md"), "")],
        [
            "the Dockerfile changes",
            (directory) => writeFileSync(join(directory, "Dockerfile"), "FROM x"),
        ],
    ];
    for (const [what, change] of changes) {
        it(`changes when ${what}`, () => {
            const directory = makeSourceDirectory(files);
            const before = contentTag(directory);
            change(directory);
            assert.notEqual(contentTag(directory), before);
        });
    }

    it("ignores files that the build does not see", () => {
        const directory = makeSourceDirectory(files);
        const before = contentTag(directory);
        writeFileSync(join(directory, "README.md"), "changed");
        assert.equal(contentTag(directory), before);
    });
});
