import * as random from "@pulumi/random";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { openEngine, packages } from "../../local/engine.ts";
import { openProviderStack } from "./providerStack.ts";

describe("engine", function () {
    this.timeout(120_000);

    it("prints for every package the provider it uses, and the reason", async () => {
        const lines: string[] = [];
        const engine = await openEngine({}, { print: (line) => lines.push(line) });
        await engine.close();
        assert.match(lines[0] ?? "", /^engine: pulumi \d+\.\d+\.\d+, ./);
        for (const name of packages) {
            const line = lines.find((text) => text.startsWith(`provider ${name}: `)) ?? "";
            assert.match(line, /official plugin .*(installed|found on PATH)|stand-in; .* and .*/);
        }
    });

    it("uses a provider that already runs", async () => {
        const environment = { PULUMI_DEBUG_PROVIDERS: "random:12345" };
        const engine = await openEngine(environment, { packages: ["random"], print: () => 0 });
        await engine.close();
        assert.equal(engine.environment.PULUMI_DEBUG_PROVIDERS, "random:12345");
    });

    it("names a resource type that a stand-in does not support, and the plugin that does", async () => {
        const opened = await openProviderStack(["random"], { environment: {}, official: false });
        try {
            opened.use(() => Promise.resolve({ id: new random.RandomPet("pet").id }));
            await assert.rejects(
                opened.stack.up(),
                /'random:index\/randomPet:RandomPet'.*'pulumi plugin install resource random'/s,
            );
        } finally {
            await opened.close();
        }
    });

    it("keeps test stacks out of the caller's backend, independent of the environment", async () => {
        const before = { ...process.env };
        const backend = await mkdtemp(join(tmpdir(), "slipway-backend-"));
        Object.assign(process.env, {
            PULUMI_BACKEND_URL: `file://${backend}`,
            PULUMI_CONFIG_PASSPHRASE: "the caller's",
            PULUMI_CONFIG_PASSPHRASE_FILE: join(backend, "missing"),
            PULUMI_DEBUG_PROVIDERS: "random:1",
            PULUMI_STACK: "prod",
        });
        try {
            // Two at once, because in a shared backend the second would find the first.
            const opened = await Promise.all(
                [1, 2].map(() =>
                    openProviderStack(["random"], { environment: {}, official: false }),
                ),
            );
            for (const one of opened) {
                one.use(() =>
                    Promise.resolve({ hex: new random.RandomBytes("b", { length: 4 }).hex }),
                );
                const { outputs } = await one.stack.up();
                assert.match(String(outputs["hex"]?.value), /^[0-9a-f]{8}$/);
                await one.close();
            }
            assert.deepEqual(await readdir(backend), []);
        } finally {
            process.env = before;
            await rm(backend, { recursive: true });
        }
    });

    it("leaves no stand-in behind when its own process is killed", async () => {
        const engine = new URL("../../local/engine.ts", import.meta.url).href;
        const program = `
            const { openEngine } = await import(${JSON.stringify(engine)});
            const options = { packages: ["random"], official: false, print: () => undefined };
            const { environment } = await openEngine({}, options);
            console.log(environment.PULUMI_DEBUG_PROVIDERS);
            setInterval(() => undefined, 1000);`;
        const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [text] = (await once(child.stdout, "data")) as [Buffer];
        const port = Number(/random:(\d+)/.exec(String(text))?.[1]);
        assert.ok(await listens(port), "the stand-in does not listen");
        child.kill("SIGKILL");
        for (let tries = 0; tries < 50 && (await listens(port)); tries += 1) await sleep(100);
        assert.ok(!(await listens(port)), "the stand-in still listens");
    });
});

async function listens(port: number): Promise<boolean> {
    const socket = connect(port, "127.0.0.1");
    try {
        await once(socket, "connect");
        return true;
    } catch {
        return false;
    } finally {
        socket.destroy();
    }
}
