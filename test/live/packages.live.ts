import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { connectV1 } from "../../verify/connection.ts";
import { verifyServer } from "../../verify/verifyServer.ts";
import { writeConfiguration } from "../testRun/configuration.ts";
import { testRun } from "../testRun/testRun.ts";
import { packageServers } from "./packageServers.ts";
import { changeStackFile, deployStack, type TestStack } from "./testStack.ts";

const client = "packages";

describe("servers that are nothing but a package of npm or PyPI", function () {
    this.timeout(600_000);
    const run = testRun();
    const locks = join(run.directory, "packages");
    let packages: TestStack;

    before(async () => {
        const name = `${run.name}-packages`;
        packages = await deployStack(name, join(run.directory, "of-packages"), configure(name));
    });

    after(async () => {
        await packages?.stack.destroy();
        await packages?.close();
    });

    /** The dev stack's configuration with these servers instead of its own. */
    const configure = (name: string) => async (directory: string, stack: string, port: number) => {
        await writeConfiguration(directory, stack, { name, port });
        await changeStackFile(directory, stack, (config) => {
            const entries = packageServers.map(({ entry }) => entry);
            config["slipway:servers"] = entries;
            config["slipway:identity"].clients = [
                { name: client, servers: entries.map(({ name }) => name) },
            ];
            config["slipway:gateway"]["verifier"] = { replicas: 1 };
            config["slipway:packagesDirectory"] = locks;
        });
    };

    for (const server of packageServers) {
        const { name, source } = server.entry;
        it(`'${name}' of ${JSON.stringify(source)} is called through its public URL`, async () => {
            const { outputs, token } = packages;
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
        const { changeSummary } = await packages.stack.preview();
        assert.deepEqual(Object.keys(changeSummary), ["same"]);
    });
});
