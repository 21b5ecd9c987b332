import { CallFailure, McpConnection, type Target } from "../mcpConnection.ts";
import { pause } from "../pause.ts";
import type { Randomness } from "./randomness.ts";
import type { Tally } from "./tally.ts";

/** One client's visit. */
export interface Visit {
    target: Target;
    tally: Tally;
    random: Randomness;
    /** Connections it opened, to be closed however it ends. */
    opened: McpConnection[];
}

/** What a client of the soak does, once. */
export interface Scenario {
    name: string;
    /** How often, in a hundred clients. */
    percent: number;
    act(visit: Visit): Promise<void>;
}

/** A call whose answer takes longer than its client waits. */
const longCall = { text: "late", ms: 300 };
/** How long a call may go on after it was cancelled. */
const cancelMs = 10_000;

/** The clients of a soak. */
export const scenarios: Scenario[] = [
    {
        name: "old-era client that calls, and mostly never says goodbye",
        percent: 57,
        async act(visit) {
            const { random } = visit;
            const client = await open(visit);
            await callMany(client, visit, random.between(5, 60));
            await leave(client, random.percent(30));
        },
    },
    {
        name: "new-era client that calls",
        percent: 27,
        async act(visit) {
            const { random } = visit;
            const client = await open(visit, "modern");
            await callMany(client, visit, random.between(5, 60));
            client.close();
        },
    },
    {
        name: "client with a process of its own",
        percent: 4,
        async act(visit) {
            const { tally, random } = visit;
            const client = await open(visit, "legacy", { elicitation: {}, roots: {} });
            tally.leasedSessions += 1;
            await callMany(client, visit, random.between(1, 10));
            await leave(client, random.percent(50));
        },
    },
    {
        name: "client whose own process dies",
        percent: 1,
        async act(visit) {
            const client = await open(visit, "legacy", { elicitation: {} });
            const failure = await client.call("crash", {}, "").then(
                () => "an answer",
                (error: unknown) => (error as CallFailure).rpcCode,
            );
            if (failure !== -32603) {
                visit.tally.noteWrong(`crash of a leased process: -32603, got ${failure}`);
            }
            visit.tally.leasedCrashes += 1;
        },
    },
    {
        name: "client that listens and goes",
        percent: 3,
        async act(visit) {
            const { random } = visit;
            const client = await open(visit);
            const listening = client.listen().catch(() => undefined);
            await pause(random.between(1, 50));
            client.close();
            await listening;
        },
    },
    {
        name: "client that is cut off in a call",
        percent: 4,
        async act(visit) {
            const { tally, random } = visit;
            const era = random.percent(50) ? "legacy" : "modern";
            const client = await open(visit, era);
            const call = client.call("sleep", longCall, longCall.text).catch(() => 0);
            await pause(random.between(1, 50));
            client.close();
            await call;
            tally.disconnected += 1;
        },
    },
    {
        name: "client that cancels",
        percent: 4,
        async act(visit) {
            const { tally, random } = visit;
            const client = await open(visit);
            const call = client.call("sleep", longCall, longCall.text).then(
                () => undefined,
                // An ended stream without an answer is what a cancelled call comes to.
                (error: unknown) =>
                    (error as CallFailure).rpcCode === undefined ? undefined : (error as Error),
            );
            await pause(random.between(1, 50));
            await client.cancelLast();
            const failure = await Promise.race([
                call,
                pause(cancelMs).then(() => new CallFailure("still open after it was cancelled", 0)),
            ]);
            if (failure instanceof CallFailure && failure.status === 0) throw failure;
            await callMany(client, visit, 3);
            client.close();
            tally.cancelled += 1;
        },
    },
];

async function open(
    { target, tally, opened }: Visit,
    era: Target["era"] = "legacy",
    capabilities?: object,
): Promise<McpConnection> {
    const client = new McpConnection({ ...target, era });
    opened.push(client);
    for (;;) {
        try {
            await client.open(capabilities);
            tally.sessions += 1;
            return client;
        } catch (error) {
            if (!(error instanceof CallFailure) || error.status !== 503) throw error;
            tally.refused += 1;
            await pause(50);
        }
    }
}

async function leave(client: McpConnection, politely: boolean): Promise<void> {
    if (politely) await client.end();
    else client.close();
}

let calls = 0;

/** Calls with texts that no other call has; most are short, some are long, some report progress. */
async function callMany(
    client: McpConnection,
    { tally, random }: Visit,
    count: number,
): Promise<void> {
    for (let index = 0; index < count; index += 1) {
        const text = `call ${(calls += 1)} ${"x".repeat(random.percent(1) ? 65_536 : 32)}`;
        if (random.percent(5)) {
            const meta = { progressToken: index };
            const seen = await client.call("progress", { text, count: 3 }, text, meta);
            if (seen !== 3) tally.noteWrong(`progress: 3 notifications, got ${seen}`);
        } else {
            await client.call("echo", { text }, text);
        }
        tally.right += 1;
    }
}
