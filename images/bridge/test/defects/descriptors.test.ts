import assert from "node:assert/strict";
import { postModern, type Answered } from "../support/post.ts";
import { initialize, RawSession } from "../support/rawSession.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** Few, but enough to start with: Node takes some twenty, a process of the server three. */
const descriptors = 60;

describe("a bridge without a file descriptor left for one more process", function () {
    this.timeout(120_000);
    let program: RunningProgram;
    let url: string;
    const sessions: RawSession[] = [];
    let refused: Answered;

    const find = (event: string) => program.log.filter((entry) => entry.event === event);

    before(async () => {
        bundlePrograms();
        const flags = ["--port", "0", "--isolation", "session", "--warm-children", "0"];
        const args = [...flags, "--max-children", "100", "--", ...unruly()];
        program = startProgram("bridge", args, {}, descriptors);
        await until(() => find("server ready").length === 1 && find("listening").length === 1);
        url = `http://127.0.0.1:${String(find("listening")[0]?.port)}/mcp`;
        while (sessions.length < descriptors) {
            refused = await initialize(url);
            if (refused.status !== 200) {
                break;
            }
            const id = refused.headers.get("mcp-session-id") ?? "";
            sessions.push(new RawSession(url, {}, id, refused.last));
        }
    });

    after(async () => {
        process.kill(program.pid, "SIGTERM");
        assert.equal(await program.ended, 0);
    });

    it("refuses a session with 503 and says what is the matter", () => {
        assert.equal(refused.status, 503);
        assert.notEqual(refused.headers.get("retry-after"), null);
        assert.deepEqual(refused.last, {
            jsonrpc: "2.0",
            id: "first",
            error: {
                code: -32603,
                message:
                    "the server did not answer 'initialize': the server could not be started; try again",
            },
        });
    });

    it("refuses a call that needs a process of its own as well", async () => {
        const { status, last } = await postModern(url, "tools/call", { name: "pid" });
        assert.equal(status, 503);
        assert.match(last.error.message, /could not be started; try again$/);
    });

    it("says why to its operator", async () => {
        await until(() => find("server not started").length > 0);
        const [{ level, reason } = {}] = find("server not started");
        assert.equal(level, "error");
        assert.match(String(reason), /^the server could not be started: spawn .* EMFILE$/);
    });

    it("serves the sessions that it has", async () => {
        assert.ok(sessions.length > 6, `${sessions.length} sessions`);
        for (const session of sessions) {
            assert.match(await session.tell("pid"), /^\d+$/);
        }
        assert.equal((await fetch(new URL("/readyz", url))).status, 200);
    });

    it("takes new ones as soon as others have ended", async () => {
        // To be started, a process takes more descriptors than it keeps, and connections of these tests take some too.
        for (const session of sessions.splice(0, 6)) {
            assert.equal(await session.end(), 204);
        }
        await until(async () => (await initialize(url)).status === 200, 30_000);
    });
});
