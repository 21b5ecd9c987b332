import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A Docker engine that only records builds and pushes. */
export interface FakeDocker {
    /** `DOCKER_HOST` of the engine. */
    host: string;
    /** Query parameters of every build. */
    builds: URLSearchParams[];
    close(): Promise<void>;
}

/** Starts the engine on a free port of the loopback interface. */
export async function startFakeDocker(): Promise<FakeDocker> {
    const builds: URLSearchParams[] = [];
    const server = createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
        void buffer(request).then(() => {
            response.writeHead(200, { "content-type": "application/json" });
            if (pathname.endsWith("/build")) builds.push(searchParams);
            const digest = createHash("sha256").update(pathname).digest("hex");
            const line = pathname.endsWith("/push")
                ? { aux: { Digest: `sha256:${digest}` } }
                : { stream: "done" };
            response.end(`${JSON.stringify(line)}\n`);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        host: `tcp://127.0.0.1:${port}`,
        builds,
        close: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}
