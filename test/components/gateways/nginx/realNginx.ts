import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import {
    renderNginxConfiguration,
    renderRouteFiles,
    splitRoutes,
} from "../../../../components/gateways/nginx/configuration.ts";
import { buildStartScript } from "../../../../components/gateways/nginx/pods.ts";
import type { NginxConfiguration } from "../../../../components/gateways/nginx/settings.ts";
import { makeLocalCertificate } from "../../../support/localCertificate.ts";
import { installNginx } from "./installNginx.ts";

const run = promisify(execFile);

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
    /** What `nginx -t` said. */
    checked: string;
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

/** Renders `configuration` for loopback, has NGINX check it, and starts it as its pod does. */
export async function startNginx(
    configuration: NginxConfiguration,
    dnsPort: number,
): Promise<RealNginx> {
    const program = await installNginx();
    const directory = await mkdtemp(join(tmpdir(), "slipway-nginx-"));
    // Workers have another user where this runs as root.
    await chmod(directory, 0o711);
    const [tls = 0, plain = 0, health = 0] = await findFreePorts(3);
    const surroundings = {
        ports: { tls, plain, health },
        certificateFile: join(directory, "tls.crt"),
        keyFile: join(directory, "tls.key"),
        configurationFile: join(directory, "nginx.conf"),
        routesDirectory: join(directory, "routes"),
        resolverFile: join(directory, "resolver.conf"),
        temporary: directory,
        accessLog: join(directory, "access.log"),
    };
    let ca = "";
    const replaceCertificate: RealNginx["replaceCertificate"] = async ({ certificate, key }) => {
        await writeFile(surroundings.certificateFile, certificate);
        await writeFile(surroundings.keyFile, key);
        ca = certificate;
    };
    if (!configuration.behindProxy) await replaceCertificate(await makeLocalCertificate());
    await writeFile(surroundings.resolverFile, `resolver 127.0.0.1:${dnsPort} valid=1s;\n`);
    const text = renderNginxConfiguration(configuration, surroundings);
    await writeFile(surroundings.configurationFile, text);
    for (const [index, routes] of splitRoutes(configuration.routes).further.entries()) {
        const place = join(surroundings.routesDirectory, String(index + 1));
        await mkdir(place, { recursive: true });
        for (const [name, content] of Object.entries(
            renderRouteFiles(routes, configuration.hosts),
        )) {
            await writeFile(join(place, name), content);
        }
    }
    const checkArguments = ["-p", directory, "-c", surroundings.configurationFile, "-t"];
    const checked = await run(program, checkArguments);
    const child = spawn("/bin/sh", ["-c", buildStartScript(surroundings, 1)], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, PATH: `${dirname(program)}:${process.env["PATH"]}` },
        // A group of its own, as the watcher of the certificate outlives NGINX where no container ends it.
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
        log: () => log,
        replaceCertificate,
        checked: checked.stderr,
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
            await rm(directory, { recursive: true });
        },
    };
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
