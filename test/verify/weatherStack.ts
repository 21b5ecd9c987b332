import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { StackOutputs } from "../../verify/outputs.ts";

/** Serves the server 'weather' and the tokens for it, on a free port of the loopback interface. */
export async function serveWeather(answer: RequestListener): Promise<Server> {
    const server = createServer((request, response) => {
        if (request.url === "/token") {
            response.setHeader("content-type", "application/json");
            response.end('{"access_token":"any"}');
            return;
        }
        answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
}

/** Outputs of a stack with the server alone. */
export function outputsOf(server: Server, probes: StackOutputs["probes"] = {}): StackOutputs {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const agent = { clientId: "agent", tokenEndpoint: `${url}/token`, secretName: "agent" };
    return {
        endpoints: { weather: `${url}/mcp` },
        clients: { agent: { ...agent, servers: ["weather"], scopes: [] } },
        clientSecrets: { agent: "s3cret" },
        probes,
    };
}
