import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:https";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
    renderNginxConfiguration,
    revisionOf,
} from "../../../../components/gateways/nginx/configuration.ts";
import { startScript } from "../../../../components/gateways/nginx/scripts.ts";
import type { NginxConfiguration } from "../../../../components/gateways/nginx/settings.ts";
import { makeLocalCertificate } from "../../../support/localCertificate.ts";
import { installNginx } from "./installNginx.ts";

/** An answer of the gateway, read to its end. */
export interface Answered {
    status: number;
    headers: IncomingMessage["headers"];
    text: string;
}

/** A running NGINX with a configuration of ours. */
export interface RealNginx {
    port: number;
    /** Port without TLS. */
    plainPort: number;
    /** Certificate of the gateway as it was started, which clients trust. */
    ca: string;
    /** Process id of the master. */
    pid: number;
    /** Port of health, revision and metrics. */
    healthPort: number;
    /** Offers another configuration, as a new pod of the configuration server does. */
    offer(text: string): void;
    /** Renders a configuration for this NGINX. */
    render: (configuration: NginxConfiguration) => string;
    /** Resolves when NGINX answers with this revision. */
    awaitRevision(revision: string): Promise<void>;
    /** Sends a request and leaves the answer's body to the caller. */
    open(path: string, options?: RequestOptions, body?: string | Buffer): Promise<IncomingMessage>;
    /** Sends a request and reads the answer. */
    call(path: string, options?: RequestOptions, body?: string | Buffer): Promise<Answered>;
    /** What NGINX and its start script logged. */
    log(): string;
    /** Replaces certificate and key, as the kubelet does when their Secret changes. */
    replaceCertificate(files: { certificate: string; key: string }): Promise<void>;
    /** Tells NGINX to end gracefully; resolves when it is gone. */
    quit(): Promise<void>;
    close(): Promise<void>;
}

/** How often NGINX looks for changes. */
export interface NginxTiming {
    /**
     * How long answers of DNS are valid.
     *
     * @default as rendered
     */
    validSeconds?: number;
    /**
     * Time between two looks at configuration and certificate.
     *
     * @default 0.1
     */
    intervalSeconds?: number;
}

/** Renders `configuration` for loopback, has NGINX check it, and starts it as its pod does. */
export async function startNginx(
    configuration: NginxConfiguration,
    dnsPort: number,
    { validSeconds, intervalSeconds = 0.1 }: NginxTiming = {},
): Promise<RealNginx> {
    const program = await installNginx();
    const directory = await mkdtemp(join(tmpdir(), "slipway-nginx-"));
    // Workers have another user where this runs as root.
    await chmod(directory, 0o711);
    const [tls = 0, plain = 0, health = 0] = await findFreePorts(3);
    const surroundings = {
        ports: { tls, plain, health },
        temporary: directory,
        accessLog: join(directory, "access.log"),
    };
    let ca = "";
    const replaceCertificate: RealNginx["replaceCertificate"] = async ({ certificate, key }) => {
        await writeFile(join(directory, "tls.crt"), certificate);
        await writeFile(join(directory, "tls.key"), key);
        ca = certificate;
    };
    if (!configuration.behindProxy) await replaceCertificate(await makeLocalCertificate());
    const render = (changed: NginxConfiguration) =>
        renderNginxConfiguration(changed, surroundings).replace(
            /resolver nameservers-of-the-pod valid=(\d+)s;/,
            `resolver 127.0.0.1:${dnsPort} ipv6=off valid=${validSeconds ?? "$1"}s;`,
        );
    const source = await startSource(render(configuration));
    const state = join(directory, "state");
    await mkdir(state);
    const child = spawn("/bin/sh", ["-c", startScript], {
        stdio: ["ignore", "ignore", "pipe"],
        env: {
            ...process.env,
            PATH: `${dirname(program)}:${process.env["PATH"]}`,
            STATE_DIRECTORY: state,
            CONFIGURATION_HOST: "127.0.0.1",
            CONFIGURATION_PORT: String(source.port),
            CERTIFICATE_DIRECTORY: configuration.behindProxy ? "" : directory,
            INTERVAL_SECONDS: String(intervalSeconds),
        },
        // A group of its own, as the watcher outlives NGINX where no container ends it.
        detached: true,
    });
    const pid = child.pid!;
    let log = "";
    child.stderr.on("data", (text: Buffer) => (log += text.toString()));
    const ended = once(child, "exit").then(() => process.kill(-pid, "SIGKILL"));
    await untilListening(
        health,
        () => child.exitCode !== null,
        () => log,
    );

    const open: RealNginx["open"] = (path, options = {}, body) =>
        send({ host: "127.0.0.1", port: tls, ca, servername: "localhost", path }, options, body);
    const quit = async () => {
        child.kill("SIGQUIT");
        await ended;
    };
    return {
        port: tls,
        plainPort: plain,
        ca,
        pid,
        healthPort: health,
        log: () => log,
        replaceCertificate,
        render,
        offer: source.offer,
        awaitRevision: async (revision) => {
            for (let tries = 0; (await readRevision(health)) !== revision; tries += 1) {
                if (tries === 200) throw new Error(`nginx: must run revision ${revision}:\n${log}`);
                await sleep(50);
            }
        },
        open,
        quit,
        call: async (path, options, body) => {
            const response = await open(path, options, body);
            const chunks: Buffer[] = [];
            for await (const chunk of response) {
                chunks.push(chunk as Buffer);
            }
            const text = Buffer.concat(chunks).toString();
            return { status: response.statusCode ?? 0, headers: response.headers, text };
        },
        close: async () => {
            if (child.exitCode === null && child.signalCode === null) {
                child.kill("SIGTERM");
                await ended;
            }
            source.close();
            await rm(directory, { recursive: true });
        },
    };
}

/** Stands for the configuration server. */
async function startSource(first: string) {
    let text = first;
    let since = 1;
    const server = createHttpServer((request, response) => {
        const revision = `${since}-${revisionOf(text)}`;
        const found = { "/revision": `${revision}\n`, [`/${revision}/nginx.conf`]: text };
        const body = found[request.url ?? ""];
        response.writeHead(body === undefined ? 404 : 200).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        port: (server.address() as AddressInfo).port,
        offer: (next: string) => {
            text = next;
            since += 1;
        },
        close: () => void server.close(),
    };
}

async function readRevision(port: number): Promise<string> {
    const headers = { connection: "close" };
    const response = await fetch(`http://127.0.0.1:${port}/revision`, { headers }).catch(
        () => null,
    );
    return (await response?.text().catch(() => "")) ?? "";
}

function send(
    target: RequestOptions & { ca: string; servername: string },
    { headers, ...options }: RequestOptions,
    body?: string | Buffer,
): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
        const sent = request({
            ...target,
            agent: false,
            ...options,
            headers: { host: `localhost:${target.port}`, ...(headers as Record<string, string>) },
        });
        let answered = false;
        sent.on("response", (response) => {
            answered = true;
            resolve(response);
        });
        // A body that is refused early is cut by the gateway after it answered.
        sent.on("error", (error) => (answered ? undefined : reject(error)));
        sent.end(body);
    });
}

async function findFreePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, async () => {
            const server = createServer().listen(0, "127.0.0.1");
            await once(server, "listening");
            return server;
        }),
    );
    const ports = servers.map((server) => (server.address() as AddressInfo).port);
    await Promise.all(servers.map((server) => once(server.close(), "close")));
    return ports;
}

async function untilListening(port: number, hasEnded: () => boolean, log: () => string) {
    for (let attempt = 0; attempt < 100; attempt += 1) {
        const answered = await fetch(`http://127.0.0.1:${port}/`).then(
            () => true,
            () => false,
        );
        if (answered) {
            return;
        }
        if (hasEnded()) {
            break;
        }
        await sleep(50);
    }
    throw new Error(`nginx: must listen on port ${port}, got:\n${log()}`);
}
