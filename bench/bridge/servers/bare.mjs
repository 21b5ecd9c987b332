/** The floor: node:http that parses a request and answers what the echo server would, with no stdio server behind it. */
import { createServer } from "node:http";

const results = {
    initialize: () => ({
        protocolVersion: "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: { name: "bare", version: "1.0.0" },
    }),
    "tools/list": () => ({ tools: [] }),
    "tools/call": ({ name, arguments: { text, bytes } }) => ({
        content: [{ type: "text", text: name === "text" ? "x".repeat(bytes) : text }],
    }),
};

const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
        const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
        const { id, method, params } = JSON.parse(body.toString() || "{}");
        if (id === undefined) {
            response.writeHead(202, { "Content-Length": 0 }).end();
            return;
        }
        const answer = JSON.stringify({ jsonrpc: "2.0", id, result: results[method](params) });
        response
            .writeHead(200, {
                "Content-Type": "application/json",
                "Content-Length": Buffer.byteLength(answer),
            })
            .end(answer);
    });
});
server.listen(Number(process.argv[2]), "127.0.0.1");
