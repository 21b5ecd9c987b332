import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A client as Keycloak stores it. */
export type StoredClient = Record<string, unknown> & { id: string; clientId: string };

/** A Keycloak that knows the clients of its realms, and nothing else. */
export interface FakeKeycloak {
    /** Variables by which a provider reaches it. */
    environment: Record<string, string>;
    /** Clients of all realms. */
    clients: StoredClient[];
    /** Stores the next client without an answer; resolves when it is stored. */
    holdNext(): Promise<void>;
    close(): Promise<void>;
}

/** Starts the server on a free port of the loopback interface. */
export async function startFakeKeycloak(): Promise<FakeKeycloak> {
    const clients: StoredClient[] = [];
    let hold: (() => void) | undefined;
    const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${text({})}.${text({ exp: 4e9 })}.`;
    const send = (response: ServerResponse, status: number, body?: unknown) =>
        response
            .writeHead(status, { "content-type": "application/json" })
            .end(JSON.stringify(body));
    const server = createServer((request, response) => {
        const { method = "", url = "" } = request;
        void (async () => {
            if (url.endsWith("/token")) {
                return send(response, 200, { access_token: token, refresh_token: token });
            }
            const index = clients.findIndex(({ id }) => url.split("/").includes(id));
            if (method === "POST") {
                const client = (await json(request)) as StoredClient;
                const isTaken = clients.some(
                    ({ id, clientId }) => id === client.id || clientId === client.clientId,
                );
                if (isTaken) {
                    const errorMessage = `Client ${client.clientId} already exists`;
                    return send(response, 409, { errorMessage });
                }
                clients.push(client);
                if (hold === undefined) return send(response, 201);
                hold();
                hold = undefined;
                return;
            }
            if (index < 0) return send(response, 404, { error: "not found" });
            if (method === "GET") {
                return send(response, 200, url.endsWith("-scopes") ? [] : clients[index]);
            }
            if (method === "PUT") {
                clients[index] = { ...clients[index]!, ...((await json(request)) as object) };
            } else clients.splice(index, 1);
            send(response, 204);
        })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        environment: {
            KEYCLOAK_URL: `http://127.0.0.1:${port}`,
            KEYCLOAK_CLIENT_ID: "admin-cli",
            KEYCLOAK_USER: "admin",
            KEYCLOAK_PASSWORD: "of the test",
        },
        clients,
        holdNext: () => new Promise((resolve) => (hold = resolve)),
        close: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}
