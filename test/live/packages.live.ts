import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { connectV1 } from "../../verify/connection.ts";
import { verifyServer } from "../../verify/verifyServer.ts";
import { testRun } from "../testRun/testRun.ts";
import { addServers } from "./addServers.ts";
import { packageServers } from "./packageServers.ts";
import { testStack } from "./testStack.ts";

const client = "packages";

describe("servers that are nothing but a package of npm or PyPI", function () {
    this.timeout(600_000);
    const locks = join(testRun().directory, "packages");

    before(async () => {
        const entries = packageServers.map(({ entry }) => entry);
        await addServers(client, entries, { "slipway:packagesDirectory": locks });
    });

    for (const server of packageServers) {
        const { name, source } = server.entry;
        it(`'${name}' of ${JSON.stringify(source)} is called through its public URL`, async () => {
            const { outputs, token } = await testStack();
            const { tools } = await verifyServer(outputs, name);
            assert.ok(tools.length > 0);
            if (server.calls === undefined) return;
            const connection = await connectV1(outputs.endpoints[name]!, await token(client));
            const answers: string[] = [];
            for (const [tool, args] of server.calls.calls) {
                answers.push(await connection.callTool(tool, args));
            }
            await connection.close();
            assert.ok(answers.at(-1)?.includes(server.calls.expect), answers.join("\n"));
        });
    }

    it("have locks with a digest of every file and no address", () => {
        const directories = readdirSync(locks);
        assert.equal(directories.length, packageServers.length);
        for (const directory of directories) {
            const isNpm = directory.startsWith("npm-");
            const lock = readFileSync(
                join(locks, directory, isNpm ? "package-lock.json" : "requirements.txt"),
                "utf8",
            );
            assert.doesNotMatch(lock, /https?:\/\/[^"]*\.(tgz|whl)|--index-url|"resolved"/);
            if (isNpm) {
                const { packages } = JSON.parse(lock) as { packages: Record<string, object> };
                const installed = Object.entries(packages).filter(([path]) => path !== "");
                assert.ok(installed.every(([, one]) => "integrity" in one));
            } else {
                const pinned = lock.match(/^[^\s#]+==/gm) ?? [];
                const hashed = lock.match(/^[^\s#]+==[^\n]*\\\n\s+--hash=sha256:/gm) ?? [];
                assert.equal(hashed.length, pinned.length);
            }
        }
    });

    it("are not built again from the locks there are", async () => {
        const { stack } = await testStack();
        const { changeSummary } = await stack.preview();
        assert.deepEqual(Object.keys(changeSummary), ["same"]);
    });
});
