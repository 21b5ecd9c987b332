import type { Attack, AttackTarget, Outcome, Refusal } from "../attack.ts";
import { sendRequest } from "../http1.ts";
import type { HandmadeRequest } from "../http1.ts";

/** No such session, for this caller. */
const unknown: Refusal[] = [400, 403, 404];

type Sessions = NonNullable<AttackTarget["sessions"]>;

interface SessionCase {
    name: string;
    expected: Refusal[];
    legitimate?: boolean;
    /** The request, once its owner has opened session `id`. */
    request: (id: string, sessions: Sessions) => HandmadeRequest;
}

const listTools = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });

const call = (token: string | undefined, id: string): HandmadeRequest => ({
    token,
    headers: [`Mcp-Session-Id: ${id}`],
    body: listTools,
});

const cases: SessionCase[] = [
    {
        name: "the owner's call (must be accepted)",
        legitimate: true,
        expected: [200],
        request: (id, { owner }) => call(owner, id),
    },
    {
        name: "another client's session id",
        expected: unknown,
        request: (id, { thief }) => call(thief, id),
    },
    {
        name: "another client's session id, without token",
        expected: [401],
        request: (id) => call(undefined, id),
    },
    {
        name: "another client's stream",
        expected: unknown,
        request: (id, { thief }) => ({ ...call(thief, id), method: "GET", body: "" }),
    },
    {
        name: "another client's stream, resumed",
        expected: unknown,
        request: (id, { thief }) => ({
            ...call(thief, id),
            method: "GET",
            headers: [`Mcp-Session-Id: ${id}`, "Last-Event-ID: 0"],
            body: "",
        }),
    },
    {
        name: "another client's session, deleted",
        expected: unknown,
        request: (id, { thief }) => ({ ...call(thief, id), method: "DELETE", body: "" }),
    },
    ...Object.entries({
        "a session id with its first character changed": (id: string) =>
            (id.startsWith("a") ? "b" : "a") + id.slice(1),
        "a session id with its last character changed": (id: string) =>
            id.slice(0, -1) + (id.endsWith("a") ? "b" : "a"),
        "half of a session id": (id: string) => id.slice(0, id.length / 2),
        "a session id with a suffix": (id: string) => `${id}x`,
        "a session id of somebody's invention": () => "00000000-0000-4000-8000-000000000000",
        "a session id that is a path": () => "../../../etc/passwd",
        "a session id of 8 kB": () => "a".repeat(8192),
        "two session ids": (id: string) => `${id}, ${id}`,
    }).map(([name, change]) => ({
        name,
        expected: unknown,
        request: (id: string, { owner }: Sessions) => call(owner, change(id)),
    })),
];

export const sessionAttacks: Attack[] = cases.map(({ request, ...attack }) => ({
    group: "sessions",
    needs: "sessions" as const,
    ...attack,
    send: async (target) => {
        const sessions = target.sessions!;
        const { url, owner } = sessions;
        const id = await openSession(target, url, owner);
        const outcome = await sendRequest(target, { url, ...request(id, sessions) });
        await closeSession(target, url, owner, id);
        return outcome;
    },
}));

/** Opens a session as its owner; fails when the server keeps none. */
export async function openSession(target: AttackTarget, url: URL, token: string): Promise<string> {
    const { answers } = await sendRequest(target, { url, token });
    const id = answers[0]?.headers["mcp-session-id"];
    if (id === undefined) {
        throw new Error(`${url.href}: must open a session, got status ${answers[0]?.status}`);
    }
    return id;
}

function closeSession(target: AttackTarget, url: URL, token: string, id: string): Promise<Outcome> {
    const headers = [`Mcp-Session-Id: ${id}`];
    return sendRequest(target, { url, token, method: "DELETE", headers, body: "" });
}
