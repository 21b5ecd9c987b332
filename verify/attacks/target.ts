import { requestAccessToken } from "../accessToken.ts";
import type { StackOutputs } from "../outputs.ts";
import type { AttackTarget } from "./attack.ts";
import { initializeMessage, sendRequest } from "./http1.ts";

/**
 * Chooses what to attack on a deployed stack: the first server that has a client of its own and another server's client,
 * and what the others offer (sessions, tool scopes, a REST API).
 */
export async function chooseTarget(outputs: StackOutputs): Promise<AttackTarget> {
    const servers = Object.keys(outputs.endpoints);
    const server =
        servers.find((one) => clientsOf(outputs, one).length > 0 && clientWithout(outputs, one)) ??
        servers.find((one) => clientsOf(outputs, one).length > 0);
    if (server === undefined) {
        throw new Error(
            "no client may call a server; add one to the clients in 'slipway:identity'",
        );
    }
    const other = clientWithout(outputs, server);
    const target: AttackTarget = {
        url: endpoint(outputs, server),
        token: await requestAccessToken(outputs, clientsOf(outputs, server)[0]!),
    };
    if (other !== undefined) target.otherToken = await requestAccessToken(outputs, other);
    for (const one of servers) await addAbilities(target, outputs, one);
    return target;
}

/** Adds what `server` offers for attacks, where no earlier server did. */
async function addAbilities(
    target: AttackTarget,
    outputs: StackOutputs,
    server: string,
): Promise<void> {
    const url = endpoint(outputs, server);
    const [client, second] = clientsOf(outputs, server);
    if (client === undefined) return;
    const token = await requestAccessToken(outputs, client);
    const probe = outputs.probes[server];
    const lacking = clientsOf(outputs, server).find(
        (one) => !probe?.scopes.every((scope) => outputs.clients[one]!.scopes.includes(scope)),
    );
    if (probe !== undefined && lacking !== undefined) {
        const tokenWithout = await requestAccessToken(outputs, lacking);
        target.unscoped ??= { url, token: tokenWithout, tool: probe.tool };
    }
    if (second !== undefined && target.sessions === undefined) {
        const opened = await sendRequest(target, { url, token, body: initializeMessage });
        if (opened.answers[0]?.headers["mcp-session-id"] !== undefined) {
            const thief = await requestAccessToken(outputs, second);
            target.sessions = { url, owner: token, thief };
        }
    }
    const path = url.pathname.replace(/\/[^/]*$/, "/tools");
    const listed = await sendRequest(target, { url, path, token, method: "GET", body: "" });
    if (listed.answers[0]?.status === 200) target.rest ??= { url, token };
    const tools = await sendRequest(target, { url, token, body: listToolsMessage });
    if (tools.answers[0]?.body.includes('"request_headers"') === true) {
        target.echo ??= { url, token };
    }
}

const listToolsMessage = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });

function endpoint(outputs: StackOutputs, server: string): URL {
    return new URL(outputs.endpoints[server]!);
}

/** Clients that may call a server, those with the fewest servers first. */
function clientsOf({ clients }: StackOutputs, server: string): string[] {
    return Object.entries(clients)
        .filter(([, client]) => client.servers.includes(server))
        .sort(([, a], [, b]) => a.servers.length - b.servers.length)
        .map(([name]) => name);
}

function clientWithout({ clients }: StackOutputs, server: string): string | undefined {
    return Object.keys(clients).find((name) => !clients[name]!.servers.includes(server));
}
