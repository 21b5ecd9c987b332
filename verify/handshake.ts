const answerWithinMs = 30_000;
const shownCharacters = 160;

/** Why a status stands for a fault of the server or of the way to it. */
const causes: Record<number, string> = {
    401: "the token is refused",
    403: "the token lacks a scope, or the server refuses the host or origin",
    404: "nothing is there: 'mcpPath' is another path, or the gateway has no such route",
    405: "this path takes no POST: 'mcpPath' is another path, or the server speaks the older HTTP+SSE transport",
    406: "the server does not speak streamable HTTP",
    429: "the limit of calls is reached",
    502: "no pod of the server listens at its port, or what listens does not speak HTTP: a server on stdio needs 'transport: stdio'",
    503: "no pod of the server is ready",
    504: "the server does not answer",
};

/**
 * Begins a session as a client does, and says why the answer is none of an MCP server, with the answer itself;
 * undefined where it is one.
 */
export async function describeHandshake(url: string, token: string): Promise<string | undefined> {
    const response = await fetch(url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "initialize",
            params: {
                protocolVersion: "2025-11-25",
                capabilities: {},
                clientInfo: { name: "slipway-verify", version: "1.0.0" },
            },
        }),
        signal: AbortSignal.timeout(answerWithinMs),
    }).catch(() => undefined);
    if (response === undefined) return undefined;
    const text = await readStart(response);
    if (/"jsonrpc"\s*:\s*"2\.0"/.test(text) && response.status !== 401) return undefined;
    const type = response.headers.get("content-type") ?? "no content type";
    const challenge = response.headers.get("www-authenticate");
    const said = challenge ?? text.replaceAll(/\s+/g, " ").trim().slice(0, shownCharacters);
    const cause =
        causes[response.status] ?? "an MCP server must answer 'initialize' with a JSON-RPC message";
    return `it answered ${response.status} (${type}) '${said}': ${cause}`;
}

/** The first part of an answer: a stream may never end. */
async function readStart(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    try {
        for await (const chunk of response.body ?? []) {
            text += decoder.decode(chunk as Uint8Array, { stream: true });
            if (text.length > 4096 || text.includes("jsonrpc")) break;
        }
    } catch {
        // What came before the connection broke is shown.
    }
    return text;
}
