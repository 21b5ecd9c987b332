import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import type { Isolation } from "../../src/options/bridgeOptions.ts";
import { callModern } from "../support/callModern.ts";
import { openSession } from "../support/rawSession.ts";
import { textOf } from "../support/post.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";

/** Calls a tool of the server; gives its text. */
type Tell = (name: string, args?: JsonObject) => Promise<string>;
type Connect = (url: string, subject: string, capabilities: JsonObject) => Promise<Tell>;

const eras: Record<string, Connect> = {
    "2025-11-25": async (url, subject, capabilities) => {
        const session = await openSession(url, { subject, capabilities });
        return (name, args) => session.tell(name, args);
    },
    "2026-07-28": (url, subject, capabilities) =>
        Promise.resolve(async (name, args) =>
            textOf(await callModern(url, name, args, { subject, capabilities })),
        ),
};

/** Whose memory a caller finds: everybody's, its own from before, or none. */
type Memory = "everybody's" | "its own" | "none";
type Row = [era: string, capabilities: JsonObject, memory: Memory];
const asked = { elicitation: {} };
const everywhere = (memory: Memory): Row[] =>
    Object.keys(eras).flatMap((era): Row[] => [
        [era, {}, memory],
        [era, asked, memory],
    ]);
const table: Record<Isolation, Row[]> = {
    shared: everywhere("everybody's"),
    session: [
        ["2025-11-25", {}, "its own"],
        ["2025-11-25", asked, "its own"],
        ["2026-07-28", {}, "none"],
        ["2026-07-28", asked, "none"],
    ],
    principal: everywhere("its own"),
    request: everywhere("none"),
    auto: [
        ["2025-11-25", {}, "everybody's"],
        ["2025-11-25", asked, "its own"],
        ["2026-07-28", {}, "everybody's"],
        ["2026-07-28", asked, "its own"],
    ],
};

for (const [isolation, rows] of Object.entries(table) as [Isolation, Row[]][]) {
    describe(`isolation '${isolation}'`, () => {
        let bridge: RunningBridge;
        before(async () => {
            bridge = await startFixture({ command: remembering, isolation, identity: "headers" });
        });
        after(() => bridge.close());

        rows.forEach(([era, capabilities, memory], index) => {
            const declared = JSON.stringify(capabilities);
            it(`lets a caller of ${era} that declares ${declared} find ${memory} memory`, async () => {
                const connect = eras[era] as Connect;
                const alice = await connect(bridge.url, `alice-${index}`, capabilities);
                const bob = await connect(bridge.url, `bob-${index}`, capabilities);
                const secret = `of alice ${index}`;
                await alice("remember", { value: secret });
                const [own, other] = [await alice("recall"), await bob("recall")];
                const pids = await Promise.all(
                    [alice, bob].map(
                        async (tell): Promise<number> => JSON.parse(await tell("whoami")).pid,
                    ),
                );
                assert.equal(own === secret, memory !== "none");
                assert.equal(other === secret, memory === "everybody's");
                assert.equal(pids[0] === pids[1], memory === "everybody's");
                assert.equal(pids[0] === bridge.child.pid, memory === "everybody's");
            });
        });
    });
}
