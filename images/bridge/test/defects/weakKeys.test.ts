import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixture, startFixture } from "../support/startFixture.ts";
import { bundlePrograms, startProgram } from "../support/startProgram.ts";

/** Keys that whoever wants to can guess, by what is in their file; undefined for no file. */
const weak: Record<string, string | undefined> = {
    "of no bytes": "",
    "of one byte": "k",
    "of a byte too little": "k".repeat(31),
    "that is not there": undefined,
};

describe("a key for session ids", function () {
    this.timeout(30_000);
    let directory: string;
    before(() => {
        bundlePrograms();
        directory = mkdtempSync(join(tmpdir(), "slipway-keys-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    for (const [which, content] of Object.entries(weak)) {
        it(`${which} is refused before anything starts, with what must hold and what came`, async () => {
            const keyFile = join(directory, which);
            if (content !== undefined) {
                writeFileSync(keyFile, content);
            }
            const args = ["--port", "0", "--key-file", keyFile, "--", process.execPath, fixture];
            const program = startProgram("bridge", args);
            const timer = setTimeout(() => process.kill(program.pid), 5000);
            assert.equal(await program.ended, 2);
            clearTimeout(timer);
            const got = content === undefined ? "ENOENT" : `with ${content.length}`;
            const said = program.output();
            for (const part of ["--key-file (SLIPWAY_KEY_FILE)", "32", keyFile, got]) {
                assert.ok(said.includes(part), said);
            }
            await assert.rejects(startFixture({ keyFile }), /--key-file .*32/);
        });
    }

    it("of 32 bytes is taken", async () => {
        const keyFile = join(directory, "good");
        writeFileSync(keyFile, "k".repeat(32));
        await (await startFixture({ keyFile })).close();
    });
});
