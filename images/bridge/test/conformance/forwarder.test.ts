import { strict as assert } from "node:assert";
import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startForwarder, type Forwarder } from "./startForwarder.ts";

describe("the forwarder in front of a deployed endpoint", () => {
    let endpoint: Server;
    let address: string;
    let forwarder: Forwarder;
    const received: IncomingHttpHeaders[] = [];

    before(async () => {
        endpoint = createServer((incoming, response) => {
            received.push(incoming.headers);
            incoming.pipe(response.writeHead(202, { "mcp-session-id": "one" }));
        });
        await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
        address = `localhost:${(endpoint.address() as AddressInfo).port}`;
        forwarder = await startForwarder(`http://${address}/one/mcp`, () => Promise.resolve("t"));
    });
    after(() => {
        forwarder.stop();
        endpoint.close();
    });

    async function send(headers: Record<string, string> = {}): Promise<string> {
        return new Promise((resolve, reject) => {
            const outgoing = request(forwarder.url, { method: "POST", headers }, (response) => {
                let text = `${response.statusCode} ${response.headers["mcp-session-id"] as string} `;
                response.on("data", (part: Buffer) => (text += part.toString()));
                response.on("end", () => resolve(text));
            });
            outgoing.on("error", reject).end("body");
        });
    }

    it("adds the token and passes everything else both ways", async () => {
        assert.equal(await send({ "mcp-method": "ping" }), "202 one body");
        assert.equal(received.at(-1)?.authorization, "Bearer t");
        assert.equal(received.at(-1)?.["mcp-method"], "ping");
    });

    it("puts the endpoint's name in place of its own", async () => {
        const own = new URL(forwarder.url).host;
        await send({ host: own, origin: `http://${own}` });
        assert.equal(received.at(-1)?.host, address);
        assert.equal(received.at(-1)?.origin, `http://${address}`);
    });

    it("leaves a stranger's name for the endpoint to refuse", async () => {
        await send({ host: "evil.example.com", origin: "http://evil.example.com" });
        assert.equal(received.at(-1)?.host, "evil.example.com");
        assert.equal(received.at(-1)?.origin, "http://evil.example.com");
    });
});
