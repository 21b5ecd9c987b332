import { createServer, request as requestPlainly, type IncomingMessage } from "node:http";
import { request as requestSecurely } from "node:https";
import type { AddressInfo } from "node:net";

/** A local door to an endpoint elsewhere. */
export interface Forwarder {
    /** Where the suite is to call; same path as the endpoint. */
    url: string;
    stop(): void;
}

/**
 * Passes every request on to an endpoint, with a token, for the suite neither speaks OIDC nor tests what is not at a local address. A request
 * that names the forwarder as host or origin names the endpoint afterwards; any other name goes on as it is, so that it is the endpoint
 * that accepts or refuses it.
 *
 * @param token gives the access token; asked for each request, so that it may be a fresh one
 */
export async function startForwarder(
    endpoint: string,
    token: () => Promise<string>,
): Promise<Forwarder> {
    const target = new URL(endpoint);
    const send = target.protocol === "https:" ? requestSecurely : requestPlainly;
    let own = "";

    const rename = ({ headers }: IncomingMessage) => ({
        ...headers,
        host: headers.host === own ? target.host : headers.host,
        ...(headers.origin === `http://${own}` ? { origin: target.origin } : {}),
    });

    const server = createServer((incoming, response) => {
        void token().then((bearer) => {
            const headers = { ...rename(incoming), authorization: `Bearer ${bearer}` };
            const outgoing = send(
                new URL(incoming.url ?? "/", target),
                { method: incoming.method, headers, servername: target.hostname },
                (answer) => {
                    response.writeHead(answer.statusCode ?? 502, answer.headers);
                    answer.pipe(response);
                },
            );
            outgoing.on("error", () => response.destroy());
            response.on("close", () => outgoing.destroy());
            incoming.pipe(outgoing);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    own = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
        url: `http://${own}${target.pathname}`,
        stop: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}
