import assert from "node:assert/strict";
import { callModern, type ModernCall } from "../support/callModern.ts";
import { listServers } from "../support/listServers.ts";
import { textOf, type Answered } from "../support/post.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const stateOf = ({ last }: Answered): string => last.result.requestState;
const keysOf = ({ last }: Answered): string[] => Object.keys(last.result.inputRequests);
const accept = (word: string) => ({ action: "accept", content: { word } });
const alice: ModernCall = { capabilities, subject: "alice" };

function assertRefused({ status, last }: Answered): void {
    assert.deepEqual([status, last.error?.code], [200, -32602]);
    assert.match(last.error.message, /requestState: not valid for this request/);
}

function assertUnavailable({ status, headers, last }: Answered, reason: RegExp): void {
    assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
    assert.match(last.error.message, reason);
}

describe("a process of a server of 2026-07-28 that waits for its client", () => {
    const own = { command: modernOnly, isolation: "request", warmChildren: 0 } as const;
    const known = { ...own, identity: "headers" } as const;
    const yes = { answer: accept("yes") };

    it("is the one that asked, and is not waited with for longer than may be", async () => {
        const bridge = await startFixture({ ...own, parkedSeconds: 0.3 });
        try {
            const asked = await callModern(bridge.url, "confirm", {}, { capabilities });
            assert.deepEqual([bridge.counts().children.leased, bridge.counts().parked], [1, 1]);
            await until(() => bridge.counts().children.leased === 0);
            assert.equal(bridge.counts().parked, 0);
            const retry = { requestState: stateOf(asked), inputResponses: {} };
            assertRefused(await callModern(bridge.url, "confirm", {}, { capabilities, ...retry }));
        } finally {
            await bridge.close();
        }
    });

    it("is one of so many at most, and makes room when its client comes back", async () => {
        const bridge = await startFixture({ ...known, maxParked: 1 });
        const ask = (subject: string, more: ModernCall = {}) =>
            callModern(bridge.url, "confirm", {}, { capabilities, subject, ...more });
        try {
            const first = await ask("alice");
            assertUnavailable(await ask("bob"), /too many calls wait/);
            const outcomes = bridge.log.filter(({ event }) => event === "call");
            assert.deepEqual(
                outcomes.map(({ outcome }) => outcome),
                ["input_required", "unavailable"],
            );
            await until(() => bridge.counts().children.leased === 1);
            await ask("alice", { requestState: stateOf(first), inputResponses: yes });
            assert.equal(bridge.counts().parked, 0);
            assert.deepEqual(keysOf(await ask("bob")), ["answer"]);
        } finally {
            await bridge.close();
        }
    });

    it("takes no room when it is gone, and another one goes on", async () => {
        const before = listServers("modernServer");
        const bridge = await startFixture({ ...known, maxChildren: 1 });
        const retry = async (requestState: string) =>
            callModern(
                bridge.url,
                "confirm",
                {},
                { ...alice, requestState, inputResponses: yes, signal: AbortSignal.timeout(5000) },
            );
        try {
            const state = stateOf(await callModern(bridge.url, "confirm", {}, alice));
            const [held] = listServers("modernServer").filter(
                (pid) => !before.includes(pid) && pid !== bridge.child.pid,
            );
            process.kill(Number(held), "SIGKILL");
            await until(() => bridge.counts().parked === 0);
            const long = callModern(bridge.url, "sleep", { ms: 300 }, { subject: "bob" });
            await until(() => bridge.counts().children.leased === 1);
            assertUnavailable(await retry(state), /processes, all in use/);
            assert.equal(textOf(await long), "slept");
            await until(() => bridge.counts().children.leased === 0);
            // What was refused for now may come again, and is good once.
            const answered = await retry(state);
            assert.deepEqual(JSON.parse(textOf(answered)).state, { step: 1 });
            assertRefused(await retry(state));
        } finally {
            await bridge.close();
        }
    });

    it("asks again when there was no room for its next question", async () => {
        const before = listServers("modernServer");
        const bridge = await startFixture({ ...known, maxParked: 1 });
        const interview = (requestState?: string) =>
            callModern(
                bridge.url,
                "interview",
                {},
                {
                    ...alice,
                    ...(requestState !== undefined && {
                        requestState,
                        inputResponses: { first: accept("a") },
                    }),
                },
            );
        try {
            const state = stateOf(await interview());
            const [held] = listServers("modernServer").filter(
                (pid) => !before.includes(pid) && pid !== bridge.child.pid,
            );
            process.kill(Number(held), "SIGKILL");
            await until(() => bridge.counts().parked === 0);
            const bob = { capabilities, subject: "bob" };
            const other = await callModern(bridge.url, "confirm", {}, bob);
            assertUnavailable(await interview(state), /too many calls wait/);
            const retry = { requestState: stateOf(other), inputResponses: yes };
            await callModern(bridge.url, "confirm", {}, { ...bob, ...retry });
            assert.deepEqual(keysOf(await interview(state)), ["second"]);
        } finally {
            await bridge.close();
        }
    });
});

describe("a retry for a server of 2026-07-28 that reads nothing for now", () => {
    it("can come again", async () => {
        const mebibyte = 2 ** 20;
        const bridge = await startFixture({ command: modernOnly, maxBodyBytes: 20 * mebibyte });
        const confirm = (more: ModernCall = {}) =>
            callModern(bridge.url, "confirm", {}, { capabilities, ...more });
        try {
            const retry = {
                requestState: stateOf(await confirm()),
                inputResponses: { answer: accept("yes") },
            };
            process.kill(Number(bridge.child.pid), "SIGSTOP");
            const large = callModern(bridge.url, "echo", { value: "x".repeat(17 * mebibyte) });
            await until(() => bridge.child.connection.unreadBytes > 16 * mebibyte);
            assertUnavailable(await confirm(retry), /does not read its input/);
            process.kill(Number(bridge.child.pid), "SIGCONT");
            await large;
            assert.equal((await confirm(retry)).last.result.resultType, "complete");
        } finally {
            await bridge.close();
        }
    });
});
