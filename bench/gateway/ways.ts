import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

import type { NginxConfiguration } from "../../components/gateways/nginx/settings.ts";
import { startFakeDns } from "../../test/components/gateways/nginx/fakeDns.ts";
import { type RealNginx, startNginx } from "../../test/components/gateways/nginx/realNginx.ts";
import { bridgeCore } from "../bridge/cores.ts";
import { startIssuer } from "../bridge/issuer.ts";
import type { Target } from "../bridge/mcpConnection.ts";
import { findProcesses } from "../bridge/processUse.ts";
import { server, startOauth2Proxy, startPod, startVerifier } from "./programs.ts";

/** A way on which calls reach the pod. */
export interface Way {
    name: string;
    target: Target;
    /** Processes whose CPU time the way costs, besides the pod: NGINX and what verifies tokens. */
    pids: number[];
}

/** Everything that runs. */
export interface Setup {
    ways: Way[];
    verifier: { port: number; token: string };
    stop(): Promise<void>;
}

const host = "localhost";
/** Requests are smaller than the limit of paths without token check, so that both kinds can be compared. */
const limits = { requestsPerSecond: 100_000, burst: 100_000, bodyMebibytes: 4 };

/** Starts the pod, the verifiers, and one NGINX for each way: without token check, with ours, with oauth2-proxy. */
export async function startWays(): Promise<Setup> {
    const ports = await findFreePorts(3);
    const [podPort = 0, verifierPort = 0, proxyPort = 0] = ports;
    const audience = `https://${host}/${server}/mcp`;
    const { issuer, jwksUri, token } = await startIssuer(audience);
    const source = { issuer, jwksUri, audience };
    const dns = await startFakeDns({ "pod.test": ["127.0.0.1"], "verifier.test": ["127.0.0.1"] });
    const pod = await startPod(podPort);
    const verifier = await startVerifier(verifierPort, source);
    const proxy = await startOauth2Proxy(proxyPort, source);
    const common = { era: "legacy", toolPrefix: "", path: `/${server}/mcp`, token } as const;
    const gateways = [
        { name: "auth-off", port: verifierPort, isOpen: true, pids: [] },
        { name: "slipway", port: verifierPort, isOpen: false, pids: [verifier.pid] },
        { name: "oauth2-proxy", port: proxyPort, isOpen: false, pids: [proxy.pid] },
    ];
    const started: { way: Way; nginx: RealNginx }[] = [];
    for (const { name, port, isOpen, pids } of gateways) {
        const configuration = configure(podPort, port, isOpen, audience);
        const nginx = await startNginx(configuration, dns.port);
        const own = findProcesses(nginx.pid).own;
        for (const pid of own) {
            execFileSync("taskset", ["-a", "-c", "-p", String(bridgeCore), String(pid)]);
        }
        const at = { address: "127.0.0.1", host: `${host}:${nginx.port}`, ca: nginx.ca };
        const target = { ...common, port: nginx.port, at };
        started.push({ way: { name, target, pids: [...own, ...pids] }, nginx });
    }
    const bare = {
        name: "bare",
        target: { era: "legacy", toolPrefix: "", path: "/mcp", port: podPort } as const,
        pids: [pod.pid],
    };
    return {
        ways: [bare, ...started.map(({ way }) => way)],
        verifier: { port: verifierPort, token },
        stop: async () => {
            await Promise.all(started.map(({ nginx }) => nginx.close()));
            await Promise.all([pod, verifier, proxy].map((program) => program.stop()));
            dns.close();
        },
    };
}

function configure(
    podPort: number,
    verifierPort: number,
    isOpen: boolean,
    resource: string,
): NginxConfiguration {
    const route = {
        server,
        host,
        prefix: `/${server}`,
        stripPrefix: true,
        publicPaths: [isOpen ? "/other" : "/mcp"],
        openPaths: isOpen ? ["/mcp"] : [],
        podsHost: "pod.test",
        serviceHost: "pod.test",
        port: podPort,
        resource,
        scopes: ["mcp"],
        limits,
        cors: { origins: ["*"] },
        longestCallSeconds: 5,
    };
    const verifier = {
        podsHost: "verifier.test",
        serviceHost: "verifier.test",
        port: verifierPort,
    };
    return {
        hosts: [host],
        publicPort: 443,
        behindProxy: false,
        routes: [route],
        verifier,
        longestCallSeconds: 5,
    };
}

async function findFreePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, async () => {
            const socket = createServer().listen(0, "127.0.0.1");
            await once(socket, "listening");
            return socket;
        }),
    );
    const ports = servers.map((one) => (one.address() as AddressInfo).port);
    await Promise.all(servers.map((one) => once(one.close(), "close")));
    return ports;
}
