import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { findClientFor, requestAccessToken, requestToken } from "../../verify/accessToken.ts";
import { describeCause } from "../../verify/verifyServer.ts";
import { parseOutputs } from "../../verify/outputs.ts";
import type { StackOutputs } from "../../verify/outputs.ts";

const client = {
    clientId: "mcp-agent",
    tokenEndpoint: "https://id.example.org/token",
    secretName: "agent",
    servers: ["weather", "fetch"],
    scopes: ["wind:read"],
};
const outputs: StackOutputs = {
    endpoints: { weather: "https://mcp.example.org/weather/mcp" },
    clients: { agent: client, "weather-only": { ...client, servers: ["weather"], scopes: [] } },
    clientSecrets: { agent: "s3cret", "weather-only": "s3cret" },
    probes: {},
};

describe("parseOutputs", () => {
    it("accepts the outputs of a deployed stack, with or without probes", () => {
        const { probes, ...given } = outputs;
        assert.deepEqual(parseOutputs(given), { ...outputs, probes });
    });

    it("names every missing output and the repair", () => {
        assert.throws(
            () => parseOutputs({ endpoints: { weather: "nowhere" } }),
            (error: Error) => {
                for (const part of [
                    "endpoints.weather",
                    "clients",
                    "clientSecrets",
                    "npm run up",
                ]) {
                    assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
                }
                return true;
            },
        );
    });
});

describe("findClientFor", () => {
    it("chooses the client with the fewest servers", () => {
        assert.equal(findClientFor(outputs, "weather"), "weather-only");
        assert.equal(findClientFor(outputs, "fetch"), "agent");
    });

    it("chooses a client that has the scopes of the probe's tool", () => {
        const probe = { tool: "get_wind", args: {}, expect: "", scopes: ["wind:read"] };
        assert.equal(findClientFor({ ...outputs, probes: { weather: probe } }, "weather"), "agent");
        const other = { ...probe, scopes: ["wind:write"] };
        assert.throws(
            () => findClientFor({ ...outputs, probes: { weather: other } }, "weather"),
            /add 'weather' to the servers of one, and 'wind:write' to its scopes, in/,
        );
    });

    it("says how to add a client when a server has none", () => {
        assert.throws(() => findClientFor(outputs, "mail"), /add 'mail' to the servers of one in/);
    });
});

describe("requestAccessToken", () => {
    it("lists the known clients when the name is unknown", async () => {
        await assert.rejects(
            requestAccessToken(outputs, "nobody"),
            /must be one of 'agent', 'weather-only', got 'nobody'/,
        );
    });

    it("repeats the error of the token endpoint, without the secret", async () => {
        const server = createServer((_, response) => {
            response.writeHead(401, { "content-type": "application/json" });
            response.end('{"error":"unauthorized_client","error_description":"Invalid secret"}');
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        try {
            await assert.rejects(
                requestToken(`http://127.0.0.1:${port}/token`, "mcp-agent", "s3cret"),
                (error: Error) => {
                    assert.match(error.message, /401 unauthorized_client: Invalid secret/);
                    return !error.message.includes("s3cret");
                },
            );
        } finally {
            server.close();
        }
    });
});

describe("describeCause", () => {
    it("names the cause of 'fetch failed'", () => {
        const cause = new Error("connect ECONNREFUSED 127.0.0.1:1");
        const error = new TypeError("fetch failed", { cause });
        assert.equal(describeCause(error), "fetch failed: connect ECONNREFUSED 127.0.0.1:1");
    });
});
