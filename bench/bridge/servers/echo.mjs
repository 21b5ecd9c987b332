/**
 * The stdio server behind every bridge of the bench: JSON lines by hand, revision 2025-11-25, no dependency, so that what is
 * measured is the bridge.
 */
const tools = [
    ["echo", { text: "string" }],
    ["text", { bytes: "integer" }],
    ["sleep", { text: "string", ms: "integer" }],
    ["progress", { text: "string", count: "integer" }],
    ["crash", {}],
].map(([name, properties]) => ({
    name,
    description: `the bench's '${name}'`,
    inputSchema: {
        type: "object",
        properties: Object.fromEntries(
            Object.entries(properties).map(([key, type]) => [key, { type }]),
        ),
    },
}));

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = (id, result) => send({ jsonrpc: "2.0", id, result });
const answerText = (id, text) => answer(id, { content: [{ type: "text", text }] });
const sleeping = new Map();

function call(id, { name, arguments: args = {}, _meta }) {
    switch (name) {
        case "echo":
            return answerText(id, args.text);
        case "text":
            return answerText(id, "x".repeat(args.bytes));
        case "sleep":
            sleeping.set(
                id,
                setTimeout(() => {
                    sleeping.delete(id);
                    answerText(id, args.text);
                }, args.ms),
            );
            return;
        case "progress":
            for (let progress = 1; progress <= args.count; progress += 1) {
                const progressToken = _meta?.progressToken;
                if (progressToken !== undefined) {
                    const params = { progressToken, progress, total: args.count };
                    send({ jsonrpc: "2.0", method: "notifications/progress", params });
                }
            }
            return answerText(id, args.text);
        case "crash":
            return process.exit(1);
        default:
            return fail(id, -32602, `unknown tool '${name}'`);
    }
}

function fail(id, code, message) {
    send({ jsonrpc: "2.0", id, error: { code, message } });
}

function receive({ id, method, params }) {
    switch (method) {
        case "tools/call":
            return call(id, params);
        case "initialize":
            return answer(id, {
                protocolVersion: "2025-11-25",
                capabilities: { tools: {} },
                serverInfo: { name: "echo", version: "1.0.0" },
            });
        case "tools/list":
            return answer(id, { tools });
        case "ping":
            return answer(id, {});
        case "notifications/cancelled":
            clearTimeout(sleeping.get(params.requestId));
            sleeping.delete(params.requestId);
            return;
        default:
            if (id !== undefined) fail(id, -32601, `unknown method '${method}'`);
    }
}

let parts = [];
process.stdin.on("data", (chunk) => {
    let start = 0;
    for (;;) {
        const end = chunk.indexOf(10, start);
        if (end === -1) break;
        parts.push(chunk.subarray(start, end));
        const line = parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        start = end + 1;
        if (line.length > 0) receive(JSON.parse(line.toString()));
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
});
process.stdin.on("end", () => process.exit(0));
