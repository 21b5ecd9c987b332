import assert from "node:assert/strict";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { openStream } from "../support/eventStream.ts";
import { isAlive } from "../support/isAlive.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const connections = 16;
const each = 20;

const find = ({ log }: RunningProgram, event: string) => log.find((entry) => entry.event === event);

async function start(environment: Record<string, string> = {}) {
    const program = startProgram("bridge", ["--port", "0", "--", ...unruly()], environment);
    await until(() => find(program, "server ready") !== undefined);
    await until(() => find(program, "listening") !== undefined);
    const port = String(find(program, "listening")?.port);
    const server = Number(find(program, "server ready")?.pid);
    return { program, url: `http://127.0.0.1:${port}/mcp`, server };
}

describe("SIGTERM under load", () => {
    before(() => void bundlePrograms());

    it("loses none of hundreds of calls in flight on 16 connections, and resets no connection", async () => {
        const { program, url, server } = await start();
        const opened = await Promise.all(
            Array.from({ length: connections }, () => openConnection(url)),
        );
        // All wait for the last one, which is made when the bridge was told to end.
        const count = connections * each + 1;
        const gather = (id: string) => callTool("gather", { count, steps: 0, value: id }, { id });
        opened.forEach(({ socket }, connection) => {
            const calls = Array.from({ length: each }, (_, call) =>
                writePost(gather(`${connection}-${call}`)),
            );
            socket.write(calls.join(""));
        });
        const stream = openStream(
            url,
            callTool("flood", { events: 300, bytes: 1000 }, { progressToken: 1 }),
        );
        await until(async () => {
            const text = await (await fetch(new URL("/metrics", url))).text();
            return Number(/^mcp_requests_in_flight\{.*\} (\d+)$/m.exec(text)?.[1]) >= count - 1;
        });

        process.kill(program.pid, "SIGTERM");
        await until(() => find(program, "draining") !== undefined);
        assert.equal((await fetch(new URL("/readyz", url))).status, 503);
        const late = await post(url, gather("late"));
        assert.deepEqual([textOf(late), late.headers.get("connection")], ["late", "close"]);
        assert.equal(
            textOf(
                await postModern(url, "tools/call", { name: "echo", arguments: { value: "x" } }),
            ),
            "x",
        );

        for (const [connection, { text, ended }] of opened.entries()) {
            assert.equal(await ended, true, "a reset");
            const answers = readAnswers(text()).map(({ status, body }) => {
                assert.equal(status, 200);
                const { id, result } = JSON.parse(body);
                assert.equal(result.content[0].text, id);
                return id;
            });
            const expected = Array.from({ length: each }, (_, call) => `${connection}-${call}`);
            assert.deepEqual(answers, expected);
        }
        const flooded = await stream;
        await flooded.ended;
        assert.equal(flooded.messages().at(-1).result.content[0].text, "flooded");
        assert.equal(await program.ended, 0);
        assert.equal(isAlive(server), false);
    });
});
