import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { bundlePrograms, startProgram } from "../support/startProgram.ts";
import { startUnruly, unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

describe("what nobody may read in the log", () => {
    it("is not there: nothing of a message, a token or a session, however a call ends", async () => {
        const secret = "hunter2";
        const bridge = await startUnruly({ maxLineBytes: 4096, maxBodyBytes: 8192 });
        try {
            const session = await enterSession(bridge.url, { roots: {} });
            const headers = { authorization: `Bearer ${secret}`, cookie: secret };
            const value = secret;
            const base64 = Buffer.from(`${secret} is no message\n{"jsonrpc":"2.0","${secret}\n`);
            const calls = [
                callTool("echo", { value }),
                callTool("no such tool", { value }),
                callTool("raw", { base64: base64.toString("base64") }),
                callTool("large", { bytes: 5000, value }),
                callTool("echo", { value: secret.repeat(2000) }),
                callTool("crash", { value }),
            ];
            for (const call of calls) {
                await post(bridge.url, call, { headers });
                await post(bridge.url, call, { headers: { ...headers, ...session } });
                const { params } = call as { params: Record<string, unknown> };
                await postModern(bridge.url, "tools/call", params, { headers });
            }
            await post(bridge.url, `{"${secret}`, { headers });
            await post(bridge.url, { jsonrpc: "2.0", id: 1, method: 7, secret }, { headers });
            const lines = JSON.stringify(bridge.log);
            assert.ok(bridge.log.filter(({ event }) => event === "call").length >= 15);
            assert.doesNotMatch(lines, new RegExp(secret));
            assert.ok(!lines.includes(session["mcp-session-id"]));
        } finally {
            await bridge.close();
        }
    });
});

describe("a secret of the server", () => {
    before(() => void bundlePrograms());

    it("is in no command line and in no environment but the server's own", async () => {
        const secret = "s3cret-of-the-server";
        const file = join(mkdtempSync(join(tmpdir(), "slipway-secret-")), "token");
        writeFileSync(file, `${secret}\n`);
        const key = join(mkdtempSync(join(tmpdir(), "slipway-key-")), "key");
        writeFileSync(key, "k".repeat(32));
        const program = startProgram("bridge", ["--port", "0", "--", ...unruly()], {
            SLIPWAY_CHILD_SECRET_FILES: `TOKEN=${file}`,
            SLIPWAY_KEY_FILE: key,
            OTHER_SECRET: "of-the-bridge",
        });
        await until(() => program.log.some(({ event }) => event === "server ready"));
        const find = (event: string) => program.log.find((entry) => entry.event === event);
        const url = `http://127.0.0.1:${String(find("listening")?.port)}/mcp`;
        const server = Number(find("server ready")?.pid);
        const read = (pid: number, name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
        for (const text of [
            read(program.pid, "cmdline"),
            read(program.pid, "environ"),
            read(server, "cmdline"),
        ]) {
            assert.ok(!text.includes(secret));
        }
        const environment = JSON.parse(textOf(await post(url, callTool("environment"))));
        assert.equal(environment.TOKEN, secret);
        for (const name of Object.keys(environment)) {
            assert.ok(!/^(SLIPWAY_|OTHER_)/.test(name), name);
        }
        process.kill(program.pid, "SIGTERM");
        assert.equal(await program.ended, 0);
        assert.ok(!program.output().includes(secret));
    });
});
