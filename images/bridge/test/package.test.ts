import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive } from "./support/isAlive.ts";
import { callTool, post, textOf } from "./support/post.ts";
import { fixture } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

const quiet = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];

describe("the npm package", function () {
    this.timeout(120_000);
    let directory: string;

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "slipway-package-"));
        const cwd = fileURLToPath(new URL("..", import.meta.url));
        const pack = ["pack", "--json", "--pack-destination", directory, ...quiet];
        execFileSync("npm", pack, { cwd, encoding: "utf8" });
        mkdirSync(join(directory, "home"));
        // Where nothing else is, and nothing can be fetched.
        const install = ["install", join(directory, "slipway-bridge-0.1.0.tgz"), ...quiet];
        execFileSync("npm", install, { cwd: join(directory, "home") });
    });

    after(() => rmSync(directory, { recursive: true }));

    const run = (args: string[], environment: NodeJS.ProcessEnv = process.env) =>
        spawnSync("npx", ["--no-install", "slipway-bridge", ...args], {
            cwd: join(directory, "home"),
            encoding: "utf8",
            env: environment,
        });

    it("brings all it needs in itself", () => {
        const installed = join(directory, "home", "node_modules");
        const lock = readFileSync(join(installed, ".package-lock.json"), "utf8");
        const { packages } = JSON.parse(lock) as { packages: object };
        assert.deepEqual(Object.keys(packages), ["node_modules/slipway-bridge"]);
        const dist = join(installed, "slipway-bridge", "dist");
        assert.ok(existsSync(join(dist, "rest", "docs.html")));
        assert.equal(existsSync(join(installed, "slipway-bridge", "src")), false);
    });

    it("keeps libraries that a server may never need out of what every bridge holds in memory", () => {
        const dist = join(directory, "home", "node_modules", "slipway-bridge", "dist");
        // 250 KB of our own; the smallest of those libraries has 100, all of them 1500.
        const { size } = statSync(join(dist, "bridge.cjs"));
        assert.ok(size < 340_000, `${size} bytes`);
    });

    it("explains itself", () => {
        const { status, stdout } = run(["--help"]);
        assert.equal(status, 0);
        assert.match(stdout, /^usage: slipway-bridge \[options\] -- command \[arguments\]\n/);
    });

    const refused: { args: string[]; reason: RegExp }[] = [
        { args: [], reason: /- command: must follow '--', e\.g\. 'slipway-bridge -- / },
        {
            args: ["mcp-server-fetch"],
            reason: /'mcp-server-fetch'.*put the server's command after '--'/,
        },
        {
            args: ["--", "no-such-program"],
            reason: /- command: must be a program on the PATH, got 'no-such-program'; PATH is '/,
        },
        {
            args: ["--", "./package.json"],
            reason: /- command: must be a program that may be executed, got '\.\/package\.json'/,
        },
    ];
    for (const { args, reason } of refused) {
        it(`refuses '${args.join(" ")}'`, () => {
            const { status, stdout, stderr } = run(args);
            assert.deepEqual([status, stdout], [2, ""]);
            assert.match(stderr, reason);
        });
    }

    /** Starts the installed bridge as a shell would; gives its address, and ids of both processes. */
    async function start() {
        const program = join(directory, "home", "node_modules", ".bin", "slipway-bridge");
        const args = ["--port", "0", "--", process.execPath, fixture];
        const bridge = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
        const log: Record<string, unknown>[] = [];
        let output = "";
        bridge.stderr.setEncoding("utf8").on("data", (text: string) => {
            const lines = (output + text).split("\n");
            output = lines.pop() ?? "";
            log.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
        });
        const find = (event: string) => log.find((entry) => entry["event"] === event);
        await until(() => find("listening") !== undefined && find("server ready") !== undefined);
        const ended = new Promise((resolve) => bridge.once("close", resolve));
        return {
            bridge,
            ended,
            url: `http://127.0.0.1:${String(find("listening")?.["port"])}/mcp`,
            server: Number(find("server ready")?.["pid"]),
        };
    }

    it("answers calls, and ends its server at Ctrl-C", async () => {
        const { bridge, ended, url, server } = await start();
        assert.equal(textOf(await post(url, callTool("echo", { value: "hello" }))), "hello");
        bridge.kill("SIGINT");
        assert.equal(await ended, 0);
        assert.equal(isAlive(server), false);
    });

    it("waits for no call at the second Ctrl-C, and ends a server that would not end by itself", async () => {
        const { bridge, ended, url, server } = await start();
        const stubborn = post(url, callTool("stubborn")).catch(() => undefined);
        const call = post(url, callTool("sleep", { ms: 60_000 })).catch(() => undefined);
        await stubborn;
        await until(async () => {
            const seen = JSON.parse(textOf(await post(url, callTool("cancelled"))));
            return seen.waiting.length === 1;
        });
        bridge.kill("SIGINT");
        await until(() => fetch(new URL("/readyz", url)).then(({ status }) => status === 503));
        bridge.kill("SIGINT");
        assert.equal(await ended, 130);
        await call;
        await until(() => !isAlive(server));
    });
});
