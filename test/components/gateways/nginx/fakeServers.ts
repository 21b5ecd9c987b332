import { once } from "node:events";
import {
    createServer,
    type IncomingHttpHeaders,
    type IncomingMessage,
    type Server,
    type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a server behind the gateway saw it. */
export interface Seen {
    method: string;
    url: string;
    headers: IncomingHttpHeaders;
    rawHeaders: string[];
    body: string;
    pod: string;
}

/** A pod behind the gateway: it tells what it saw, unless a test wants something else. */
export interface FakePod {
    port: number;
    seen: Seen[];
    close(): Promise<void>;
}

type Answer = (seen: Seen, response: ServerResponse) => void;

/** Listens on one loopback address, so that several pods can share a port as they do in a cluster. */
export async function startPod(
    answer: Answer,
    { address = "127.0.0.1", port = 0 } = {},
): Promise<FakePod> {
    const seen: Seen[] = [];
    const server = createServer((request, response) => {
        void readRequest(request, address).then((entry) => {
            seen.push(entry);
            answer(entry, response);
        });
    });
    server.listen(port, address);
    await once(server, "listening");
    return { port: (server.address() as AddressInfo).port, seen, close: () => stop(server) };
}

/** Answers with what was seen, as JSON. */
export const tellWhatWasSeen: Answer = (seen, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
};

/** A verifier that knows four tokens and the words of real challenges. */
export const verify: Answer = ({ url, headers }, response) => {
    if (url.startsWith("/metadata/")) {
        response
            .writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify({ url }));
        return;
    }
    switch (headers.authorization) {
        case "Bearer good":
            response.writeHead(204, {
                "X-Auth-Subject": "user-1",
                "X-Auth-Client": "agent",
                "X-Auth-Scopes": "mcp:add-numbers",
            });
            break;
        case "Bearer weak":
            response.writeHead(403, {
                "WWW-Authenticate": 'Bearer error="insufficient_scope", scope="mcp:add-numbers"',
            });
            break;
        case "Bearer breaks-the-verifier":
            response.writeHead(500);
            break;
        default:
            response.writeHead(401, {
                "WWW-Authenticate": 'Bearer resource_metadata="https://localhost/x", scope="y"',
            });
    }
    response.end();
};

async function readRequest(request: IncomingMessage, pod: string): Promise<Seen> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
        chunks.push(chunk as Buffer);
    }
    const { method = "", url = "", headers, rawHeaders } = request;
    return { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString(), pod };
}

async function stop(server: Server): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
}
