import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readStartTime } from "../../local/cluster/processTime.ts";
import { waitFor } from "../../local/cluster/run.ts";
import { renderRunScript } from "../../local/cluster/runScript.ts";
import { writeText } from "../../local/cluster/textFile.ts";

describe("the script of a service", () => {
    let directory: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-service-"));
    });

    afterEach(() => rm(directory, { recursive: true }));

    async function write(script: string): Promise<string> {
        const file = join(directory, "run");
        await writeFile(file, script);
        await chmod(file, 0o755);
        return file;
    }

    it("passes every argument and variable unchanged", async () => {
        const words = ["it's", "$HOME", "a b", "", "`id`", '"', "\\"];
        const program =
            "process.stdout.write(JSON.stringify([...process.argv.slice(1), process.env.TEXT]))";
        const script = renderRunScript([process.execPath, "-e", program, "--", ...words], {
            TEXT: "it's $HOME",
        });
        const printed = execFileSync(await write(script), { cwd: directory, encoding: "utf8" });
        assert.deepEqual(JSON.parse(printed), [...words, "it's $HOME"]);
    });

    it("differs when the revision differs", () => {
        assert.notEqual(renderRunScript(["true"], {}, "one"), renderRunScript(["true"], {}, "two"));
    });

    it("ends the daemon that a killed supervisor left behind before it starts the next", async () => {
        const file = await write(renderRunScript(["sleep", "60"]));
        const start = async (): Promise<ChildProcess> => {
            const child = spawn(file, { cwd: directory, stdio: "ignore" });
            await waitFor(
                "the daemon",
                5,
                async () => (await readFile(`/proc/${child.pid}/comm`, "utf8")) === "sleep\n",
            );
            return child;
        };
        const orphan = await start();
        const heir = await start();
        try {
            assert.equal(await readStartTime(orphan.pid!), undefined);
            assert.notEqual(await readStartTime(heir.pid!), undefined);
        } finally {
            heir.kill("SIGKILL");
        }
    });

    it("does not end another process that has the old process id now", async () => {
        await writeFile(join(directory, "process"), `${process.pid} 1\n`);
        execFileSync(await write(renderRunScript(["true"])), { cwd: directory });
    });
});

describe("writeText", () => {
    let directory: string;

    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-text-"));
    });

    after(() => rm(directory, { recursive: true }));

    it("writes a file only when its text differs", async () => {
        const file = join(directory, "below/file");
        assert.equal(await writeText(file, "one", 0o600), "new");
        const { ino, mode } = await stat(file);
        assert.equal(mode & 0o777, 0o600);
        assert.equal(await writeText(file, "one", 0o600), "same");
        assert.equal((await stat(file)).ino, ino);
        assert.equal(await writeText(file, "two", 0o600), "replaced");
        assert.equal(await readFile(file, "utf8"), "two");
    });
});
