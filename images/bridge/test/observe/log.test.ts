import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createLog, flush } from "../../src/log/log.ts";
import { until } from "../support/until.ts";
import { createHeldStream } from "./support/heldStream.ts";

const logModule = fileURLToPath(new URL("../../src/log/log.ts", import.meta.url));

/** Runs a program with a log and gives the events it left on stderr. */
async function runProgram(body: string): Promise<Record<string, unknown>[]> {
    const source = `import { createLog } from ${JSON.stringify(logModule)};
        const log = createLog("program");
        ${body}`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
        stdio: ["ignore", "ignore", "pipe"],
    });
    const lines = (await text(child.stderr)).split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line));
}

describe("log", () => {
    it("writes an event as one line of JSON with time, level, program and fields", () => {
        const { stream, writes, events } = createHeldStream();
        createLog("bridge", "info", stream)("warn", 'a "quoted" event', {
            path: "/ü\n",
            missing: undefined,
        });
        const [event] = events();
        assert.match(String(event?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok(Math.abs(Date.parse(String(event?.time)) - Date.now()) < 5000);
        assert.deepEqual(
            { ...event, time: undefined },
            {
                time: undefined,
                level: "warn",
                program: "bridge",
                event: 'a "quoted" event',
                path: "/ü\n",
            },
        );
        assert.equal(writes[0]?.split("\n").length, 2);
    });

    it("writes an event without fields, or with none that has a value", () => {
        const { stream, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        log("warn", "bare");
        log("warn", "empty", { missing: undefined });
        assert.deepEqual(
            events().map((event) => Object.keys(event)),
            [
                ["time", "level", "program", "event"],
                ["time", "level", "program", "event"],
            ],
        );
    });

    it("leaves out events below its level", () => {
        const { stream, events } = createHeldStream();
        const log = createLog("bridge", "warn", stream);
        log("debug", "a");
        log("info", "b");
        log("warn", "c");
        log("error", "d");
        flush();
        assert.deepEqual(
            events().map(({ event }) => event),
            ["c", "d"],
        );
    });

    it("gathers lines, and writes them by itself soon after", async () => {
        const { stream, writes, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        for (let call = 0; call < 50; call++) {
            log("info", "call", { call });
        }
        assert.equal(writes.length, 0);
        await until(() => writes.length > 0, 2000);
        assert.equal(writes.length, 1);
        assert.deepEqual(
            events().map(({ call }) => call),
            Array.from({ length: 50 }, (_, call) => call),
        );
    });

    it("gives a line the time of its event, whenever it is written", async () => {
        const { stream, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        const before = Date.now();
        log("info", "early");
        const after = Date.now();
        await delay(20);
        flush();
        const time = Date.parse(String(events()[0]?.time));
        assert.ok(time >= before && time <= after, `${time - before} ms later`);
    });

    it("does not wait when there is much to write", () => {
        const { stream, writes } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        for (let call = 0; call < 1000; call++) {
            log("info", "call", { text: "x".repeat(100) });
        }
        assert.ok(writes.length >= 3, `${writes.length} writes`);
        assert.ok(writes.length <= 10, `${writes.length} writes`);
        assert.ok(writes.every((lines) => lines.length < 34_000));
    });

    it("writes a warning at once, after the lines before it", () => {
        const { stream, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        log("info", "first");
        log("warn", "second");
        assert.deepEqual(
            events().map(({ event }) => event),
            ["first", "second"],
        );
    });

    it("keeps the lines of two logs of a stream in order", () => {
        const { stream, events } = createHeldStream();
        const one = createLog("one", "info", stream);
        const two = createLog("two", "info", stream);
        one("info", "a");
        two("info", "b");
        one("error", "c");
        assert.deepEqual(
            events().map(({ event }) => event),
            ["a", "b", "c"],
        );
    });

    it("drops and counts lines while nobody reads, but no warnings", () => {
        const { stream, hold, release, writes, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        hold();
        const length = 1000;
        const calls = 3000;
        for (let call = 0; call < calls; call++) {
            log("info", "call", { text: "x".repeat(length) });
            if (call % 1000 === 999) {
                log("warn", "warning", { text: "y".repeat(2 * length) });
            }
        }
        const kept = writes.join("").length + stream.writableLength;
        assert.ok(kept < 1.2 * 1024 * 1024, `${kept} characters`);

        release();
        flush();
        const seen = events();
        const written = seen.filter(({ event }) => event === "call").length;
        const losses = seen.filter(({ event }) => event === "log lines dropped");
        const lost = losses.reduce((sum, { lines }) => sum + Number(lines), 0);
        assert.equal(seen.filter(({ event }) => event === "warning").length, 3);
        assert.ok(written > 500, `${written} written`);
        assert.equal(written + lost, calls);
        assert.equal(losses[0]?.level, "warn");
        assert.equal(losses[0]?.program, "bridge");
    });

    it("tells of dropped lines as soon as somebody reads again", async () => {
        const { stream, hold, release, events } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        hold();
        // A multiple of the 64 that are built at once, so that no line comes after the loss.
        for (let call = 0; call < 32 * 64; call++) {
            log("info", "call", { text: "x".repeat(1000) });
        }
        release();
        await until(() => events().at(-1)?.event === "log lines dropped", 2000);
    });

    it("takes even warnings no further than 16 MiB", () => {
        const { stream, hold } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        hold();
        for (let warning = 0; warning < 20; warning++) {
            log("warn", "large", { text: "x".repeat(1024 * 1024) });
        }
        assert.ok(stream.writableLength < 17 * 1024 * 1024, `${stream.writableLength} bytes`);
    });

    it("survives a reader that went away", async () => {
        const { stream } = createHeldStream();
        const log = createLog("bridge", "info", stream);
        stream.destroy(new Error("EPIPE"));
        await new Promise((resolve) => stream.once("close", resolve));
        log("error", "unread");
    });

    it("loses nothing when the program ends, exits or throws", async () => {
        const loop = 'for (let i = 0; i < 500; i++) log("info", "call", { i });';
        for (const end of ["", "process.exit(3);", 'throw new Error("ended");']) {
            const events = await runProgram(`${loop}${end}`);
            assert.equal(events.length, 500, `with '${end}'`);
            assert.equal(events[499]?.i, 499);
        }
    });

    it("does not stop a program whose log is not read", async () => {
        const source = `import { createLog } from ${JSON.stringify(logModule)};
            const log = createLog("program");
            for (let i = 0; i < 20000; i++) log("info", "call", { i, text: "x".repeat(100) });
            setTimeout(() => process.stdout.write("alive"), 200);
            setTimeout(() => process.exit(), 10000).unref();`;
        const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
            stdio: ["ignore", "pipe", "pipe"],
        });
        child.stdout.setEncoding("utf8");
        const [said] = await once(child.stdout, "data");
        assert.equal(said, "alive");
        child.kill("SIGKILL");
    });
});
