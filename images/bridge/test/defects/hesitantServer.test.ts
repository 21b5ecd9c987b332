import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BridgeTimes } from "../../src/app/bridge.ts";
import { isolations } from "../../src/options/bridgeOptions.ts";
import { callModern } from "../support/callModern.ts";
import { openSession } from "../support/rawSession.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { textOf } from "../support/post.ts";
import { until } from "../support/until.ts";

const server = fileURLToPath(new URL("../fixtures/hesitantServer.mjs", import.meta.url));
const subject = "alice";
/** How the server does not answer at first, and whose calls share a process. */
const silences = [
    ...isolations.map((isolation) => ["crash", isolation] as const),
    ["stall", "auto"] as const,
];

describe("a server of both eras that does not say at once that it speaks 2026-07-28", () => {
    let directory: string;
    let file: string;
    let bridge: RunningBridge;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "slipway-eras-"));
        file = join(directory, "asked");
        writeFileSync(file, "");
    });
    afterEach(async () => {
        await bridge.close();
        rmSync(directory, { recursive: true });
    });

    const asked = (): number => readFileSync(file, "utf8").length;
    const start = async (
        silent: number,
        how: string,
        times: BridgeTimes,
        isolation: (typeof isolations)[number] = "auto",
    ): Promise<void> => {
        const command = [process.execPath, server, file, String(silent), how];
        const common = { identity: "headers", warmChildren: 0, graceSeconds: 0 } as const;
        bridge = await startFixture({ ...common, command, isolation }, process.env, times);
        await until(() => bridge.child.description !== undefined);
    };
    const era = async (): Promise<string> =>
        textOf(await callModern(bridge.url, "era", {}, { subject }));

    for (const [how, isolation] of silences) {
        it(`is asked again, and spoken to in its own words then: '${how}' first, under '${isolation}'`, async () => {
            await start(
                1,
                how,
                { probeLimit: how === "stall" ? 1000 : 10_000, probePause: 100 },
                isolation,
            );
            assert.equal(await era(), "earlier");
            await until(async () => (await era()) === "later");
            assert.ok(asked() >= 2);
            const session = await openSession(bridge.url, { subject });
            assert.equal(await session.tell("era"), "earlier");
        });
    }

    it("is asked again no sooner than after a pause, and no call waits for that", async () => {
        await start(2, "crash,stall", { probeLimit: 8000, probePause: 100 });
        await era();
        assert.equal(asked(), 1);
        const startedAt = performance.now();
        await until(async () => (await era()) === "earlier" && asked() === 2);
        assert.equal(await era(), "earlier");
        assert.ok(performance.now() - startedAt < 8000);
        const pauses = bridge.log.filter(({ nextInMs }) => nextInMs !== undefined);
        assert.deepEqual(
            pauses.map(({ level, nextInMs }) => [level, nextInMs]),
            [["warn", 100]],
        );
    });

    it("is asked five times at most", async () => {
        await start(100, "crash", { probePause: 1 });
        await until(async () => (await era()) === "earlier" && asked() === 5);
        for (let call = 0; call < 20; call++) {
            assert.equal(await era(), "earlier");
        }
        // The next pause would have been of 256 ms.
        await delay(400);
        assert.equal(await era(), "earlier");
        assert.equal(asked(), 5);
    });

    it("is asked once when it says that it does not", async () => {
        await start(100, "decline", { probePause: 1 });
        for (let call = 0; call < 20; call++) {
            assert.equal(await era(), "earlier");
        }
        assert.equal(asked(), 1);
    });

    it("goes on with a question that it asked before in its earlier era", async () => {
        await start(1, "crash", { probePause: 100 });
        const capabilities = { elicitation: {} };
        const opening = await callModern(bridge.url, "ask", {}, { subject, capabilities });
        const { requestState, inputRequests } = opening.last.result;
        await until(async () => (await era()) === "later");
        const answer = { action: "accept", content: {} };
        const inputResponses = Object.fromEntries(
            Object.keys(inputRequests).map((key) => [key, answer]),
        );
        const retry = { subject, capabilities, requestState, inputResponses };
        const { last } = await callModern(bridge.url, "ask", {}, retry);
        assert.deepEqual(JSON.parse(last.result.content[0].text), answer);
    });

    it("lets the bridge end while it is asked", async () => {
        await start(1, "stall", { probeLimit: 60_000 });
        const call = era().catch(() => "gone");
        await until(() => asked() === 1);
        const startedAt = performance.now();
        await Promise.all([bridge.close(), call]);
        assert.ok(performance.now() - startedAt < 20_000);
    });
});
