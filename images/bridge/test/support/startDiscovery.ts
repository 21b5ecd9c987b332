import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Metadata of an issuer at an address of its own. */
export interface Discovery {
    origin: string;
    /** Documents by path; what is not among them is 404. */
    documents: Map<string, unknown>;
    /** Paths that were asked for, in order. */
    asked: string[];
    stop(): Promise<void>;
}

/** Serves documents at a free port of this machine's own address: no test asks a name server. */
export async function startDiscovery(): Promise<Discovery> {
    const documents = new Map<string, unknown>();
    const asked: string[] = [];
    const server = createServer(({ url = "" }, response) => {
        asked.push(url);
        const document = documents.get(url);
        response.statusCode = document === undefined ? 404 : 200;
        response.end(typeof document === "string" ? document : JSON.stringify(document ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        documents,
        asked,
        stop: async () => {
            const closed = new Promise((resolve) => server.close(resolve));
            server.closeAllConnections();
            await closed;
        },
    };
}
