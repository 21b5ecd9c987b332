import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postModern } from "../support/post.ts";
import { startFixture } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const file = new URL("../conformance/fixtures/dualServer.ts", import.meta.url);

describe("the second process, of a server of both eras", () => {
    it("is tried again when it could not be started, and calls are translated until then", async () => {
        const directory = mkdtempSync(join(tmpdir(), "slipway-second-"));
        const secret = join(directory, "secret");
        writeFileSync(secret, "x");
        const bridge = await startFixture({
            command: [process.execPath, fileURLToPath(file)],
            childSecretFiles: { SECRET: secret },
        });
        try {
            await until(() => bridge.child.description !== undefined);
            rmSync(secret);
            for (let call = 0; call < 2; call++) {
                const { last } = await postModern(bridge.url, "tools/list");
                assert.ok(last.result.tools.length > 0);
            }
            assert.equal(bridge.counts().children.shared, 1);
            const problems = bridge.log.filter(({ event }) => event === "server not started");
            assert.match(String(problems[0]?.reason), /could not be started: ENOENT/);
            writeFileSync(secret, "x");
            await postModern(bridge.url, "tools/list");
            assert.equal(bridge.counts().children.shared, 2);
        } finally {
            await bridge.close();
            rmSync(directory, { recursive: true });
        }
    });
});
