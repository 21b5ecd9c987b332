import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientKinds } from "./support/clientKinds.ts";
import { pythonServer, startServer, type ServedServer } from "./support/startServer.ts";

describe("mcp-server-git through the bridge", function () {
    this.timeout(180_000);
    let root: string;
    let served: ServedServer;
    before(async () => {
        root = mkdtempSync(join(tmpdir(), "slipway-git-"));
        served = await startServer([], await pythonServer("mcp-server-git"));
    });
    after(async () => {
        await served.close();
        rmSync(root, { recursive: true });
    });

    for (const [index, kind] of clientKinds.entries()) {
        it(`stages, commits and reads a repository's log: ${kind.title}`, async () => {
            const repository = join(root, String(index));
            execFileSync("git", ["init", "--quiet", "--initial-branch=trunk", repository]);
            const git = (...args: string[]) =>
                execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" });
            git("config", "user.name", "Änne Øst");
            git("config", "user.email", "anne@example.org");
            writeFileSync(join(repository, "größe.txt"), "eins\n");

            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            const call = (name: string, args = {}) =>
                client.text(name, { repo_path: repository, ...args });
            assert.match(await call("git_status"), /Untracked files/);
            assert.match(await call("git_add", { files: ["größe.txt"] }), /staged successfully/);
            const message = "Miss die Größe 📏\n\nin Metern";
            assert.match(await call("git_commit", { message }), /committed successfully/);
            assert.equal(git("log", "--format=%an: %B").trim(), `Änne Øst: ${message}`);

            const log = await client.call("git_log", { repo_path: repository });
            assert.match(JSON.stringify(log.content), /Miss die Größe 📏/);
            assert.match(await call("git_show", { revision: "HEAD" }), /\+eins/);
            assert.match(await call("git_create_branch", { branch_name: "zwei" }), /'zwei'/);
            assert.match(await call("git_checkout", { branch_name: "zwei" }), /Switched/);
            assert.equal(git("branch", "--show-current").trim(), "zwei");
        });
    }

    it("hands a failing git over as the tool's failure", async () => {
        await using client = await clientKinds[0]!.connect(served.url);
        const result = await client.call("git_status", { repo_path: join(root, "none") });
        assert.equal(result.isError, true);
    });
});
