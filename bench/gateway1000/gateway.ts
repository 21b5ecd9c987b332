import type { ServerResponse } from "node:http";

import type {
    NginxConfiguration,
    ResolvedRoute,
} from "../../components/gateways/nginx/settings.ts";
import { serverDefaults } from "../../components/server/defaults.ts";
import { type FakeDns, startFakeDns } from "../../test/components/gateways/nginx/fakeDns.ts";
import {
    type FakePod,
    startPod,
    verify,
} from "../../test/components/gateways/nginx/fakeServers.ts";
import { type RealNginx, startNginx } from "../../test/components/gateways/nginx/realNginx.ts";

/** NGINX with the configuration of a pod, with servers, verifier and DNS on loopback. */
export interface Gateway {
    nginx: RealNginx;
    dns: FakeDns;
    /** Configuration with so many servers. */
    configure: (servers: number) => NginxConfiguration;
    close(): Promise<void>;
}

/** Name of the server with an index. */
export function nameServer(index: number): string {
    return `server-${String(index).padStart(4, "0")}`;
}

/** Starts a gateway with so many servers, which are one process; it looks for changes as often as in a pod. */
export async function startGateway(servers: number): Promise<Gateway> {
    const server = await startPod((seen, response) => {
        if (seen.url.startsWith("/mcp/stream")) void stream(response);
        else response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const verifier = await startPod(verify);
    const dns = await startFakeDns({});
    const configure = (count: number) => configureServers(count, server, verifier);
    const configuration = configure(servers);
    for (const { podsHost } of [...configure(servers + 100).routes, configuration.verifier]) {
        dns.addresses[podsHost] = ["127.0.0.1"];
    }
    const nginx = await startNginx(configuration, dns.port, { intervalSeconds: 0.5 });
    const close = async () => {
        await nginx.close();
        dns.close();
        await Promise.all([server.close(), verifier.close()]);
    };
    return { nginx, dns, configure, close };
}

function configureServers(count: number, server: FakePod, verifier: FakePod): NginxConfiguration {
    const routes = Array.from({ length: count }, (_, index): ResolvedRoute => {
        const name = nameServer(index);
        return {
            server: name,
            host: "localhost",
            prefix: `/${name}`,
            stripPrefix: true,
            publicPaths: ["/mcp"],
            openPaths: [],
            podsHost: `${name}-addresses-01234567.mcp.svc.cluster.local`,
            serviceHost: `${name}.mcp.svc.cluster.local`,
            serviceAddress: "127.0.0.1",
            port: server.port,
            resource: `https://localhost/${name}/mcp`,
            scopes: [`mcp:${name}`],
            limits: { ...serverDefaults.limits, requestsPerSecond: 100_000, burst: 100_000 },
            cors: { origins: ["*"] },
            longestCallSeconds: 300,
        };
    });
    return {
        hosts: ["localhost"],
        publicPort: 30443,
        behindProxy: false,
        routes,
        verifier: {
            podsHost: "gateway-verifier-addresses-01234567.mcp.svc.cluster.local",
            serviceHost: "gateway-verifier.mcp.svc.cluster.local",
            serviceAddress: "127.0.0.1",
            port: verifier.port,
        },
        longestCallSeconds: 300,
    };
}

/** A stream of ten seconds with a part each half second. */
async function stream(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let part = 0; part < streamParts; part += 1) {
        response.write(`data: ${part}\n\n`);
        await new Promise((resolve) => setTimeout(resolve, 500));
    }
    response.end();
}

/** Parts of a whole stream. */
export const streamParts = 20;
