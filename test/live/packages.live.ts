import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { connectV1 } from "../../verify/connection.ts";
import { verifyServer } from "../../verify/verifyServer.ts";
import { testRun } from "../testRun/testRun.ts";
import { type PackageServer, packageServers } from "./packageServers.ts";
import { testStack } from "./testStack.ts";

const client = "packages";

interface Configuration {
    config: Record<string, unknown> & {
        "slipway:servers": object[];
        "slipway:identity": { clients: object[] };
    };
}

describe("servers that are nothing but a package of npm or PyPI", function () {
    this.timeout(600_000);
    const locks = join(testRun().directory, "packages");

    before(async () => {
        const { stack, up } = await testStack();
        const file = join(stack.workspace.workDir, `Pulumi.${stack.name}.yaml`);
        // They stay until the stack is destroyed, which comes next: their pods take time to stop.
        writeFileSync(file, addServers(readFileSync(file, "utf8"), packageServers, locks));
        await up();
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

/** The configuration with servers, a client that may call them all, and the directory of their locks. */
function addServers(text: string, servers: PackageServer[], locks: string): string {
    const { config, ...rest } = parse(text) as Configuration;
    const entries = servers.map(({ entry }) => entry);
    config["slipway:packagesDirectory"] = locks;
    config["slipway:servers"].push(...entries);
    const names = entries.map(({ name }) => name);
    config["slipway:identity"].clients.push({ name: client, servers: names });
    return stringify({ ...rest, config });
}
