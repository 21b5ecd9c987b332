import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    chmodSync,
    closeSync,
    copyFileSync,
    cpSync,
    mkdtempSync,
    openSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Signer } from "../../src/auth/signedText.ts";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { bundlePrograms } from "../support/startProgram.ts";
import { until } from "../support/until.ts";

/** A server that looks for a secret wherever a process of its user may look. */
const spy = `
const { readFileSync, readdirSync, readlinkSync, openSync, readSync } = require("node:fs");
const readStart = (fd) => { const bytes = Buffer.alloc(100); readSync(fd, bytes, 0, 100, 0); return bytes; };
const attempt = (what) => { try { return String(what()); } catch (error) { return String(error.code); } };
/** All that a process has in memory. */
function readMemory(pid) {
    const maps = readFileSync("/proc/" + pid + "/maps", "utf8").split("\\n");
    const memory = openSync("/proc/" + pid + "/mem");
    const found = [];
    for (const line of maps.filter((one) => / rw-p .*\\[(heap|stack)\\]/.test(one))) {
        const [from, to] = line.split(" ")[0].split("-").map((text) => BigInt("0x" + text));
        const bytes = Buffer.alloc(Number(to - from));
        found.push(bytes.toString("latin1", 0, readSync(memory, bytes, 0, bytes.length, from)));
    }
    return found.join();
}
function look(path) {
    const pid = process.ppid;
    const texts = {
        file: attempt(() => readFileSync(path)),
        environment: JSON.stringify(process.env),
        "environment of the bridge": attempt(() => readFileSync("/proc/" + pid + "/environ")),
        "memory of the bridge": attempt(() => readMemory(pid)),
    };
    for (const [name, of] of [["own", process.pid], ["bridge's", pid]]) {
        const list = "/proc/" + of + "/fd/";
        for (const fd of attempt(() => readdirSync(list).join()).split(",").filter((one) => Number(one) > 2)) {
            if (/^\\/(?!dev)/.test(attempt(() => readlinkSync(list + fd)))) {
                texts[name + " descriptor " + fd] = attempt(() => readFileSync(list + fd)) + (name === "own" ? attempt(() => readStart(Number(fd))) : "");
            }
        }
    }
    return texts;
}
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    const send = (result) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
    if (method === "initialize") {
        send({ protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "spy", version: "1" } });
    } else if (method === "tools/call") {
        const { path, secret } = params.arguments;
        const where = Object.entries(look(path)).filter(([, text]) => text.includes(secret)).map(([name]) => name);
        send({ content: [{ type: "text", text: JSON.stringify(where) }] });
    } else if (id !== undefined) {
        send({ tools: [] });
    }
});
`;

/** The user that bridge and server run as; this one where it cannot become another. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

describe("the key of session ids", function () {
    this.timeout(60_000);
    let directory: string;
    const started: ChildProcess[] = [];
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "slipway-kept-key-"));
        cpSync(bundlePrograms(), directory, { recursive: true });
        chmodSync(directory, 0o755);
        writeFileSync(join(directory, "spy.cjs"), spy);
        for (const [name, mode] of [
            ["readable", 0o755],
            ["execute-only", 0o111],
        ] as const) {
            copyFileSync(process.execPath, join(directory, name));
            chmodSync(join(directory, name), mode);
        }
    });
    after(() => {
        started.forEach((program) => program.kill("SIGKILL"));
        rmSync(directory, { recursive: true });
    });

    interface Way {
        runtime: "readable" | "execute-only";
        args: string[];
        /** File of the key, where there is one. */
        path?: string;
        environment?: Record<string, string>;
        /** What the bridge finds at its descriptor 3. */
        third?: "pipe" | number;
    }

    /** Starts a bridge with a key; gives where its server finds it, and whether it is the one that signs. */
    async function find(key: string, way: Way) {
        const { runtime, args, path = "/nonexistent", environment = {}, third = "ignore" } = way;
        const program = join(directory, runtime);
        const bridge = spawn(
            "/bin/sh",
            [
                ...["-c", 'exec "$0" "$@"', program, join(directory, "bridge.cjs"), "--port", "0"],
                ...[...args, "--", program, join(directory, "spy.cjs")],
            ],
            {
                ...user,
                cwd: directory,
                env: { PATH: process.env.PATH, ...environment },
                stdio: ["ignore", "ignore", "pipe", third],
            },
        );
        started.push(bridge);
        if (third === "pipe") {
            (bridge.stdio[3] as NodeJS.WritableStream).end(key);
        }
        let output = "";
        bridge.stderr?.on("data", (text: Buffer) => (output += text.toString()));
        const port = () => /"listening".*?"port":(\d+)/.exec(output)?.[1];
        bridge.once("error", (error) => (output += error.message));
        await until(() => port() !== undefined || bridge.exitCode !== null);
        assert.equal(bridge.exitCode, null, output);
        const url = `http://127.0.0.1:${port()}/mcp`;
        const call = callTool("look", { path, secret: key });
        const answer = await post(url, call);
        assert.ok(answer.last.result, JSON.stringify([answer.last, output]));
        const found = JSON.parse(textOf(answer)) as string[];
        const session = (await enterSession(url))["mcp-session-id"];
        const signed = new Signer(Buffer.from(key), "session").open(session) !== undefined;
        bridge.kill("SIGKILL");
        return { found, signed, warned: output.includes("the server can read the session key") };
    }

    const newKey = () => randomBytes(32).toString("hex");

    it("is found by a server where nothing keeps it: in a file, and a variable", async () => {
        const key = newKey();
        const path = join(directory, "key");
        writeFileSync(path, key, { mode: 0o644 });
        const args = ["--key-file", path];
        const file = await find(key, { runtime: "readable", args, path });
        assert.ok(file.found.includes("file"), String(file.found));
        assert.deepEqual([file.signed, file.warned], [true, false]);
        const environment = { THE_KEY: key };
        const way = { runtime: "readable" as const, args: ["--key-env", "THE_KEY"], environment };
        const variable = await find(key, way);
        assert.ok(variable.found.includes("environment of the bridge"), String(variable.found));
        assert.deepEqual([variable.signed, variable.warned], [true, true]);
    });

    it("is not found in a variable of programs that their user may execute and not read", async () => {
        const key = newKey();
        const environment = { THE_KEY: key };
        const args = ["--key-env", "THE_KEY"];
        const { found, signed, warned } = await find(key, {
            ...{ runtime: "execute-only", args, environment },
        });
        assert.deepEqual({ found, signed, warned }, { found: [], signed: true, warned: false });
    });

    it("is not found in a pipe that the bridge has read", async () => {
        const key = newKey();
        const args = ["--key-file", "/dev/fd/3"];
        const way = { runtime: "execute-only" as const, args, path: "/dev/fd/3" };
        const { found, signed } = await find(key, { ...way, third: "pipe" });
        assert.deepEqual({ found, signed }, { found: [], signed: true });
    });

    it("is not found in a file that only whoever started the bridge may read", async () => {
        const key = newKey();
        const path = join(directory, "private key");
        writeFileSync(path, key, { mode: 0o400 });
        const third = openSync(path, "r");
        // Its opener may be of the same user here; then nobody at all may open it again.
        chmodSync(path, 0);
        try {
            const args = ["--key-file", "/dev/fd/3"];
            const { found, signed } = await find(key, {
                ...{ runtime: "execute-only", args, path, third },
            });
            assert.deepEqual({ found, signed }, { found: [], signed: true });
        } finally {
            closeSync(third);
        }
    });

    for (const [what, args, environment, said] of [
        [
            "that is short",
            ["--key-env", "THE_KEY"],
            { THE_KEY: "k".repeat(31) },
            /'THE_KEY' with 31/,
        ],
        ["that is not there", ["--key-env", "THE_KEY"], {}, /'THE_KEY' with 0/],
        [
            "that the server would get",
            ["--key-env", "THE_KEY", "--child-env", "THE_KEY"],
            { THE_KEY: newKey() },
            /--child-env .*must not name the variable of --key-env/,
        ],
        [
            "beside a file",
            ["--key-env", "THE_KEY", "--key-file", "/x"],
            { THE_KEY: newKey() },
            /--key-env .*left out with --key-file/,
        ],
    ] as const) {
        it(`in a variable ${what} is refused before anything starts`, async () => {
            const all = [join(directory, "bridge.cjs"), "--port", "0", ...args, "--", "true"];
            const bridge = spawn(process.execPath, all, {
                env: { PATH: process.env.PATH, ...environment },
                stdio: ["ignore", "ignore", "pipe"],
            });
            started.push(bridge);
            let output = "";
            bridge.stderr.on("data", (text: Buffer) => (output += text.toString()));
            const code = await new Promise((resolve) => bridge.once("close", resolve));
            assert.equal(code, 2, output);
            assert.match(output, said);
        });
    }
});
