import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Isolation } from "../../src/options/bridgeOptions.ts";
import { requestModern } from "../support/callModern.ts";
import { post, type Message } from "../support/post.ts";
import { openSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startReplicas, type Replicas } from "../support/startReplicas.ts";

const [opening, other] = ["127.0.0.2", "127.0.0.3"] as const;
const subject = "alice";
const asked = { elicitation: {}, sampling: {}, roots: {} };
const dual = fileURLToPath(new URL("../conformance/fixtures/dualServer.ts", import.meta.url));

/** Servers by the eras that they speak, each with the tools that callers may see. */
const servers = {
    "up to 2025-11-25": { command: remembering, offered: ["recall", "remember"] },
    "from 2026-07-28 on": { command: modernOnly, offered: ["recall", "remember"] },
    "of both eras": {
        command: [process.execPath, dual],
        offered: ["test_error_handling", "test_simple_text"],
    },
};
const isolations: Isolation[] = ["auto", "shared", "session", "principal", "request"];

const withoutSession = "a client up to 2025-11-25 without a session";

/** Every way in which a client gets a list of tools: what it begins at `first` goes on at `second`. */
const ways: Record<string, (first: string, second: string) => Promise<Message>> = {
    "a session": (first, second) => listBySession(first, second, {}),
    "a session of a client that can be asked": (first, second) =>
        listBySession(first, second, asked),
    [withoutSession]: async (_, second) => {
        const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
        const headers = { "x-auth-subject": subject };
        return (await post(second, message, { headers })).last.result;
    },
    "a client from 2026-07-28 on": (_, second) => listModern(second, {}),
    "a client from 2026-07-28 on that can be asked": (_, second) =>
        listModern(second, { capabilities: asked }),
    "a client from 2026-07-28 on that wants the log": (_, second) =>
        listModern(second, { logLevel: "debug" }),
    REST: async (_, second) => {
        const url = new URL("/tools", second);
        const response = await fetch(url, { headers: { "x-auth-subject": subject } });
        return (await response.json()) as Message;
    },
};

async function listBySession(first: string, second: string, capabilities: object) {
    const session = await openSession(first, { subject, capabilities: { ...capabilities } });
    const { last } = await session.as({ url: second, subject }).request("tools/list");
    await session.end();
    return last.result;
}

async function listModern(url: string, call: object) {
    const { last } = await requestModern(url, "tools/list", {}, { subject, ...call });
    return last.result;
}

describe("the tools that --tools hides", () => {
    for (const [era, { command, offered }] of Object.entries(servers)) {
        for (const isolation of isolations) {
            describe(`from a server ${era} under '${isolation}'`, () => {
                let replicas: Replicas;
                before(async () => {
                    const options = { command, isolation, tools: offered, warmChildren: 0 };
                    replicas = await startReplicas([opening, other], options);
                });
                after(() => replicas.close());

                for (const [way, list] of Object.entries(ways)) {
                    if (isolation === "session" && way === withoutSession) {
                        // Every client up to 2025-11-25 needs a session there.
                        continue;
                    }
                    for (const address of [opening, other]) {
                        it(`are on no list for ${way}, at replica ${address}`, async () => {
                            const [first, second] = [opening, address].map(
                                (each) => replicas.at[each]?.url ?? "",
                            ) as [string, string];
                            const { tools } = await list(first, second);
                            const names = tools.map(({ name }: Message) => name);
                            assert.deepEqual(names.sort(), offered);
                        });
                    }
                }
            });
        }
    }
});
