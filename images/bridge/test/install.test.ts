import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    closeSync,
    copyFileSync,
    fstatSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePrograms } from "./support/startProgram.ts";

describe("install", () => {
    let directory: string;
    let source: string;

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "slipway-install-"));
        source = join(directory, "source");
        for (const part of ["bin", "lib", "libraries", "rest"]) {
            mkdirSync(join(source, part), { recursive: true });
        }
        writeFileSync(join(source, "bin", "node"), "the runtime", { mode: 0o755 });
        writeFileSync(join(source, "lib", "ld.so"), "its loader", { mode: 0o755 });
        for (const program of ["bridge.cjs", "connect.cjs", "verifier.cjs", "install.cjs"]) {
            copyFileSync(join(bundlePrograms(), program), join(source, program));
        }
    });

    after(() => rmSync(directory, { recursive: true }));

    const install = (...args: string[]) =>
        spawnSync(process.execPath, [join(source, "install.cjs"), ...args], {
            cwd: directory,
            encoding: "utf8",
        });

    it("copies what runs a server, and nothing else", () => {
        const target = join(directory, "target");
        const { status, stderr } = install(target);
        assert.equal(status, 0, stderr);
        assert.deepEqual(readdirSync(target), [
            "bin",
            "bridge.cjs",
            "connect.cjs",
            "lib",
            "libraries",
            "rest",
        ]);
        assert.equal(readFileSync(join(target, "lib", "ld.so"), "utf8"), "its loader");
        assert.equal(statSync(join(target, "bin", "node")).mode & 0o777, 0o755);
    });

    it("makes programs that their user may execute and not read, when told to", () => {
        const target = join(directory, "execute only");
        const { status, stderr } = install(target, "--execute-only");
        assert.equal(status, 0, stderr);
        assert.equal(statSync(join(target, "bin", "node")).mode & 0o777, 0o111);
        assert.equal(statSync(join(target, "lib", "ld.so")).mode & 0o777, 0o755);
        // A pod that is started anew runs it once more, as a user who may not write them: they are made anew.
        const former = openSync(join(target, "bin", "node"), "r");
        const again = install(target, "--execute-only");
        assert.equal(again.status, 0, again.stderr);
        assert.equal(fstatSync(former).nlink, 0);
        closeSync(former);
        assert.equal(statSync(join(target, "bin", "node")).mode & 0o777, 0o111);
        const refused = install(join(directory, "other"), "--executable");
        assert.equal(refused.status, 2);
        assert.match(refused.stderr, /usage: .*--execute-only/);
    });

    for (const target of [undefined, "target", "SOURCE"]) {
        it(`refuses to copy to ${target ?? "nowhere"}`, () => {
            const args = target === undefined ? [] : [target === "SOURCE" ? source : target];
            const { status, stderr } = install(...args);
            assert.equal(status, 2);
            assert.match(stderr, /must be given another directory by its absolute path, got '/);
        });
    }
});
