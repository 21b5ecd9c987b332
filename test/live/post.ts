/** What came back from one MCP message sent by hand. */
export interface Answer {
    status: number;
    headers: Headers;
    text: string;
}

/** Posts one JSON-RPC message as a client of 2025-11-25 would, with whatever headers the test asks for. */
export async function post(
    url: string,
    message: object,
    headers: Record<string, string> = {},
): Promise<Answer> {
    const response = await fetch(url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            "mcp-protocol-version": "2025-11-25",
            ...headers,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A call of `add_numbers`, the cheapest message that reaches a server. */
export const addNumbers = {
    method: "tools/call",
    params: { name: "add_numbers", arguments: { a: 19, b: 23 } },
};

export function bearer(token: string): Record<string, string> {
    return { authorization: `Bearer ${token}` };
}
