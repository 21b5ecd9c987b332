import * as random from "@pulumi/random";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { openEngine, packages } from "../../local/engine.ts";
import { openProviderStack } from "./providerStack.ts";

describe("engine", function () {
    this.timeout(120_000);

    it("says for every package what it uses, and why", async () => {
        const lines: string[] = [];
        const engine = await openEngine({}, { print: (line) => lines.push(line) });
        await engine.close();
        assert.match(lines[0] ?? "", /^engine: pulumi \d+\.\d+\.\d+, ./);
        for (const name of packages) {
            const line = lines.find((text) => text.startsWith(`provider ${name}: `)) ?? "";
            assert.match(line, /official plugin .*(installed|found on PATH)|stand-in; .* and .*/);
        }
    });

    it("keeps a provider that already runs", async () => {
        const environment = { PULUMI_DEBUG_PROVIDERS: "random:12345" };
        const engine = await openEngine(environment, { packages: ["random"], print: () => 0 });
        await engine.close();
        assert.equal(engine.environment.PULUMI_DEBUG_PROVIDERS, "random:12345");
    });

    it("names a resource type that a stand-in does not know, and what has it", async () => {
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
