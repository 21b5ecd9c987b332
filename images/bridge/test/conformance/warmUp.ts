import { setTimeout as wait } from "node:timers/promises";

const prefix = "io.modelcontextprotocol";

/**
 * Calls a tool once, as a client of 2026-07-28 that can be asked, so that the bridge has started processes before the suite comes. One scenario
 * gives a tool that asks 600 ms, which a server that has to be started first may need alone.
 */
export async function warmUp(url: string): Promise<void> {
    const started = performance.now();
    const name = "test_simple_text";
    const _meta = {
        [`${prefix}/protocolVersion`]: "2026-07-28",
        [`${prefix}/clientCapabilities`]: { elicitation: {} },
    };
    const params = { name, arguments: {}, _meta };
    const response = await fetch(url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": name,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    });
    await response.text();
    // The process for the next call is started after this one had its own, and takes as long.
    await wait(2 * (performance.now() - started));
}
