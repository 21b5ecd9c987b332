import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { requestModern } from "../support/callModern.ts";
import { openListening } from "../support/openListening.ts";
import type { Message } from "../support/post.ts";
import { openSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";

const uriLimit = 60;
const asked = { elicitation: {} };
const servers = { "up to 2025-11-25": remembering, "from 2026-07-28 on": modernOnly };
const kinds = { "that can be asked": asked, "that cannot be asked": {} };

/** A URI so many bytes long, half as many characters. */
const uriOf = (bytes: number): string => {
    const rest = bytes - "memo://".length;
    return `memo://${"é".repeat(rest >> 1)}${"x".repeat(rest % 2)}`;
};
const completion = (uri: string) => ({
    ref: { type: "ref/resource", uri },
    argument: { name: "x", value: "y" },
});

/** Each request that names a resource, with the place of its URI. */
const requests: [method: string, place: string, build: (uri: string) => JsonObject][] = [
    ["resources/read", "params.uri", (uri) => ({ uri })],
    ["completion/complete", "params.ref.uri", completion],
];
const legacyOnly: typeof requests = [
    ["resources/subscribe", "params.uri", (uri) => ({ uri })],
    ["resources/unsubscribe", "params.uri", (uri) => ({ uri })],
];
const tooLong = (place: string) => `${place}: must be at most ${uriLimit} bytes long, got 61`;

function assertRefused({ error }: Message, place: string): void {
    assert.deepEqual(error, { code: -32602, message: tooLong(place) });
}

for (const [era, command] of Object.entries(servers)) {
    describe(`a URI longer than it may be, for a server ${era}`, () => {
        let bridge: RunningBridge;
        before(async () => {
            bridge = await startFixture({ command, maxUriBytes: uriLimit, warmChildren: 0 });
        });
        after(() => bridge.close());

        for (const [kind, capabilities] of Object.entries(kinds)) {
            for (const [method, place, build] of [...requests, ...legacyOnly]) {
                it(`is refused in '${method}' of a client up to 2025-11-25 ${kind}`, async () => {
                    const session = await openSession(bridge.url, { capabilities });
                    assertRefused((await session.request(method, build(uriOf(61)))).last, place);
                    const { last } = await session.request(method, build(uriOf(60)));
                    assert.doesNotMatch(JSON.stringify(last), /must be at most/);
                    await session.end();
                });
            }

            for (const [method, place, build] of requests) {
                it(`is refused in '${method}' of a client from 2026-07-28 on ${kind}`, async () => {
                    const send = async (bytes: number) => {
                        const params = build(uriOf(bytes));
                        // A header cannot carry the name as it is.
                        const name = `=?base64?${Buffer.from(uriOf(bytes)).toString("base64")}?=`;
                        const headers = { "mcp-name": name };
                        const more = { capabilities, ...(params.uri !== undefined && { headers }) };
                        return (await requestModern(bridge.url, method, params, more)).last;
                    };
                    assertRefused(await send(61), place);
                    assert.doesNotMatch(JSON.stringify(await send(60)), /must be at most/);
                });
            }
        }

        it("is refused in a filter of 'subscriptions/listen', and said to be what it is", async () => {
            const method = "subscriptions/listen";
            const notifications = { resourceSubscriptions: [uriOf(60), uriOf(61)] };
            const { last } = await requestModern(bridge.url, method, { notifications });
            assertRefused(last, "params.notifications.resourceSubscriptions[1]");
            const stream = await openListening(bridge.url, {
                resourceSubscriptions: [uriOf(60)],
            });
            assert.deepEqual(stream.messages[0].params.notifications, {
                resourceSubscriptions: [uriOf(60)],
            });
            stream.cut();
        });
    });
}

/** Whose subscriptions the bridge keeps; a process of one client alone up to 2025-11-25 is asked itself. */
const counted = [
    ["up to 2025-11-25", "that cannot be asked"],
    ["from 2026-07-28 on", "that cannot be asked"],
    ["from 2026-07-28 on", "that can be asked"],
] as const;

describe("subscriptions by option", () => {
    for (const [era, kind] of counted) {
        const [command, capabilities] = [servers[era], kinds[kind]];
        it(`of a client ${kind} to a server ${era} are as many as there may be`, async () => {
            const bridge = await startFixture({
                ...{ command, warmChildren: 0, identity: "headers" },
                ...{ maxSubscriptions: 3, maxSubscriptionsPerPrincipal: 2 },
            });
            try {
                const open = (subject: string) =>
                    openSession(bridge.url, { subject, capabilities });
                const [first, second, other] = [await open("a"), await open("a"), await open("b")];
                const subscribe = async (session: typeof first, uri: string) => {
                    const { last } = await session.request("resources/subscribe", { uri });
                    return last.error?.code ?? "taken";
                };
                assert.equal(await subscribe(first, "memo://1"), "taken");
                assert.equal(await subscribe(first, "memo://1"), "taken");
                assert.equal(await subscribe(second, "memo://2"), "taken");
                assert.equal(await subscribe(first, "memo://3"), -32603);
                assert.equal(await subscribe(other, "memo://1"), "taken");
                assert.equal(await subscribe(other, "memo://2"), -32603);
                // One that is given up makes room, and so do those of a session that ends.
                await first.request("resources/unsubscribe", { uri: "memo://1" });
                assert.equal(await subscribe(other, "memo://2"), "taken");
                await second.end();
                assert.equal(await subscribe(first, "memo://4"), "taken");
                assert.equal(await subscribe(first, "memo://5"), -32603);
            } finally {
                await bridge.close();
            }
        });
    }
});
