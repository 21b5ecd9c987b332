import assert from "node:assert/strict";
import type { Isolation } from "../../src/options/bridgeOptions.ts";
import { callModern, requestModern } from "../support/callModern.ts";
import { openListening } from "../support/openListening.ts";
import { initialize, openSession, type RawSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const asked = { elicitation: {} };
const common = { identity: "headers" as const, warmChildren: 0 };
const servers = { "up to 2025-11-25": remembering, "from 2026-07-28 on": modernOnly };
const isolations: Isolation[] = ["auto", "shared", "session", "principal", "request"];
const kinds = { "that can be asked": asked, "that cannot be asked": {} };

describe("a caller that opens session after session", () => {
    for (const [era, command] of Object.entries(servers)) {
        for (const isolation of isolations) {
            for (const [kind, capabilities] of Object.entries(kinds)) {
                it(`ends no other's call, under '${isolation}', of a server ${era}, of a client ${kind}`, async () => {
                    const options = { ...common, command, isolation, maxSessions: 3 };
                    const bridge = await startFixture(options);
                    try {
                        const session = await openSession(bridge.url, {
                            subject: "victim",
                            capabilities,
                        });
                        const call = session.call("sleep", { ms: 1500 });
                        await until(() => bridge.counts().inFlight === 1);
                        for (let opened = 0; opened < 6; opened++) {
                            const { status } = await initialize(bridge.url, {
                                subject: "flooder",
                                capabilities,
                            });
                            assert.equal(status, 200);
                        }
                        assert.equal((await call).last.result.content[0].text, "slept");
                        assert.equal(bridge.counts().sessions, 3);
                    } finally {
                        await bridge.close();
                    }
                });
            }
        }
    }

    it("is refused when all sessions have a call in flight", async () => {
        const bridge = await startFixture({ ...common, command: remembering, maxSessions: 2 });
        try {
            const sessions = [await openSession(bridge.url), await openSession(bridge.url)];
            const calls = sessions.map((session) => session.call("sleep", { ms: 800 }));
            await until(() => bridge.counts().inFlight === 2);
            const { status, headers } = await initialize(bridge.url);
            assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
            await Promise.all(calls);
            assert.equal((await initialize(bridge.url)).status, 200);
        } finally {
            await bridge.close();
        }
    });
});

describe("processes of idle sessions", () => {
    /** Opens as many sessions as there are processes, whose clients do nothing further. */
    async function occupy(
        bridge: RunningBridge,
        subjects: (string | undefined)[],
    ): Promise<RawSession[]> {
        const sessions: RawSession[] = [];
        for (const subject of subjects) {
            const who = subject === undefined ? {} : { subject };
            sessions.push(await openSession(bridge.url, { ...who, capabilities: asked }));
        }
        return sessions;
    }

    const holders: [who: string, subjects: (string | undefined)[]][] = [
        ["one known caller", ["a", "a", "a"]],
        ["several known callers", ["a", "b", "c"]],
        ["callers of whom nothing is known", [undefined, undefined, undefined]],
    ];
    for (const [era, command] of Object.entries(servers)) {
        for (const [who, subjects] of holders) {
            for (const listening of [false, true]) {
                const how = listening ? " that listen" : "";
                it(`of ${who}${how}, of a server ${era}, serve others that need them`, async () => {
                    const bridge = await startFixture({ ...common, command, maxChildren: 3 });
                    try {
                        const sessions = await occupy(bridge, subjects);
                        const streams = listening
                            ? await Promise.all(sessions.map((session) => session.listen()))
                            : [];
                        const opening = { subject: "late", capabilities: asked };
                        await until(
                            async () => (await initialize(bridge.url, opening)).status === 200,
                        );
                        const gone = await Promise.all(
                            sessions.map(async (session) => (await session.call("recall")).status),
                        );
                        assert.deepEqual(gone.toSorted(), [200, 200, 404]);
                        streams.forEach((stream) => stream.cut());
                    } finally {
                        await bridge.close();
                    }
                });
            }
        }
    }

    it("serve a call of 2026-07-28 that needs one as well", async () => {
        const options = { ...common, command: remembering, maxChildren: 2 };
        const bridge = await startFixture(options);
        try {
            await occupy(bridge, ["a", "a"]);
            const call = { subject: "late", capabilities: asked };
            await until(
                async () => (await callModern(bridge.url, "recall", {}, call)).status === 200,
            );
        } finally {
            await bridge.close();
        }
    });

    it("of known callers under 'principal' serve others that need them", async () => {
        const options = { ...common, command: remembering, maxChildren: 2 };
        const bridge = await startFixture({ ...options, isolation: "principal" });
        try {
            for (const subject of ["a", "b", "c"]) {
                await until(
                    async () =>
                        (await callModern(bridge.url, "recall", {}, { subject })).status === 200,
                );
            }
        } finally {
            await bridge.close();
        }
    });

    it("are left for others, however many calls one caller makes", async () => {
        const options = { ...common, command: remembering, maxChildren: 4 };
        const bridge = await startFixture({ ...options, isolation: "request" });
        try {
            let flooding = true;
            const flood = Array.from({ length: 8 }, async () => {
                while (flooding) {
                    await callModern(bridge.url, "sleep", { ms: 300 }, { subject: "flooder" });
                }
            });
            await until(() => bridge.counts().children.leased === 4);
            const answers: number[] = [];
            const late = { subject: "late" };
            await until(async () => {
                answers.push((await callModern(bridge.url, "recall", {}, late)).status);
                return answers.at(-1) === 200;
            });
            // From then on there is always room for another caller.
            assert.equal((await callModern(bridge.url, "recall", {}, late)).status, 200);
            flooding = false;
            await Promise.all(flood);
        } finally {
            await bridge.close();
        }
    });
});

describe("subscriptions to resources", () => {
    const longUri = `memo://${"x".repeat(20_000)}`;

    for (const [era, command] of Object.entries(servers)) {
        it(`to long names are refused, of a shared server ${era}`, async () => {
            const bridge = await startFixture({ ...common, command });
            try {
                const session = await openSession(bridge.url);
                const { last } = await session.request("resources/subscribe", { uri: longUri });
                assert.equal(last.error.code, -32602);
                assert.match(last.error.message, /at most 8192 bytes/);
            } finally {
                await bridge.close();
            }
        });

        it(`are so many of one caller and no more, of a shared server ${era}`, async () => {
            const bridge = await startFixture({ ...common, command });
            try {
                const sessions = [
                    await openSession(bridge.url, { subject: "a" }),
                    await openSession(bridge.url, { subject: "a" }),
                ];
                const other = await openSession(bridge.url, { subject: "b" });
                const subscribe = async (session: RawSession, name: number) => {
                    const uri = `memo://${name}/${"x".repeat(8000)}`;
                    return (await session.request("resources/subscribe", { uri })).last;
                };
                let taken = 0;
                let refused: { error?: { message: string } } = {};
                while (refused.error === undefined && taken < 1000) {
                    refused = await subscribe(sessions[taken % 2] as RawSession, taken);
                    taken += refused.error === undefined ? 1 : 0;
                }
                assert.match(refused.error?.message ?? "", /unsubscribe from others first/);
                // 2 MiB of them.
                assert.equal(taken, 261);
                assert.deepEqual((await subscribe(other, 1)).result, {});
                await sessions[0]?.end();
                assert.deepEqual((await subscribe(sessions[1] as RawSession, 5000)).result, {});
            } finally {
                await bridge.close();
            }
        });
    }

    it("by streams of 2026-07-28 are refused to a caller with too many of them", async () => {
        const bridge = await startFixture({ ...common, command: remembering });
        try {
            const resourceSubscriptions = Array.from(
                { length: 1000 },
                (_, index) => `memo://${index}/${"x".repeat(3000)}`,
            );
            // A stream for which nothing is left would end.
            const notifications = { toolsListChanged: true, resourceSubscriptions };
            const subject = "a";
            const first = await openListening(bridge.url, notifications, "listening", subject);
            const second = await openListening(bridge.url, notifications, "listening", subject);
            const { last } = await requestModern(
                bridge.url,
                "subscriptions/listen",
                { notifications },
                { subject },
            );
            assert.match(last.error.message, /as many subscriptions as there may be/);
            first.cut();
            second.cut();
        } finally {
            await bridge.close();
        }
    });
});
