import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { buildTool } from "../../local/toolchain/buildTool.ts";
import { bridgeCore, loadCore, pinned } from "../bridge/cores.ts";
import { bareServer, repository } from "../bridge/files.ts";
import { scratch } from "../bridge/scratch.ts";

/** Name of the server in routes and paths; oauth2-proxy answers at the prefix of our verifier followed by `auth`. */
export const server = "auth";
/** The version that local/toolchain pins. */
export const oauth2ProxyVersion = "7.15.3";

/** A program that runs on one core until it is stopped. */
export interface RunningProgram {
    pid: number;
    port: number;
    stop(): Promise<void>;
}

/** The issuer and audience of the token of all calls. */
export interface TokenSource {
    issuer: string;
    jwksUri: string;
    audience: string;
}

/** The bare pod: an HTTP server that answers what an MCP server would. It shares the core of the load generator. */
export function startPod(port: number): Promise<RunningProgram> {
    return start("pod", loadCore, [process.execPath, bareServer, String(port)], port, {});
}

/** Our verifier as its image runs it. */
export async function startVerifier(port: number, source: TokenSource): Promise<RunningProgram> {
    const directory = join(scratch(), "bundle");
    execFileSync(process.execPath, ["build.ts", directory], {
        cwd: join(repository, "images/bridge"),
        stdio: ["ignore", "ignore", "inherit"],
    });
    const { issuer, jwksUri, audience: resource } = source;
    const file = join(scratch(), "verifier.json");
    const servers = [{ name: server, resource, scopes: ["mcp"] }];
    writeFileSync(file, JSON.stringify({ issuer, jwksUri, servers }));
    const command = [process.execPath, join(directory, "verifier.cjs")];
    const environment = {
        PORT: String(port),
        SLIPWAY_MANAGEMENT_PORT: "0",
        SLIPWAY_VERIFIER_FILE: file,
    };
    return start("verifier", bridgeCore, command, port, environment);
}

/** oauth2-proxy as a verifier of bearer tokens, told to log nothing. */
export async function startOauth2Proxy(port: number, source: TokenSource): Promise<RunningProgram> {
    const program = await buildTool("oauth2-proxy");
    const flags = {
        "http-address": `127.0.0.1:${port}`,
        "proxy-prefix": "/verify",
        provider: "oidc",
        "oidc-issuer-url": source.issuer,
        "skip-oidc-discovery": "true",
        "login-url": `${source.issuer}/login`,
        "redeem-url": `${source.issuer}/token`,
        "oidc-jwks-url": source.jwksUri,
        "client-id": source.audience,
        "client-secret": "unused",
        "cookie-secret": "0123456789abcdef0123456789abcdef",
        "email-domain": "*",
        "skip-jwt-bearer-tokens": "true",
        "insecure-oidc-allow-unverified-email": "true",
        "reverse-proxy": "true",
        "set-xauthrequest": "true",
        upstream: "static://202",
        "api-route": ".*",
        "skip-provider-button": "true",
        "request-logging": "false",
        "auth-logging": "false",
    };
    const list = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    return start("oauth2-proxy", bridgeCore, [program, ...list], port, {});
}

async function start(
    name: string,
    core: number,
    program: string[],
    port: number,
    environment: Record<string, string>,
): Promise<RunningProgram> {
    const [command = "", ...args] = pinned(core, program);
    const log = join(scratch(), `${name}.log`);
    const output = openSync(log, "w");
    const child = spawn(command, args, {
        env: { PATH: process.env["PATH"], ...environment },
        stdio: ["ignore", output, output],
    });
    closeSync(output);
    const ended = once(child, "exit");
    for (let attempt = 0; !(await answers(port)); attempt += 1) {
        if (attempt > 200 || child.exitCode !== null) {
            console.error(readFileSync(log, "utf8").slice(-2000));
            throw new Error(`${name}: must listen, ended or did not within ten seconds`);
        }
        await delay(50);
    }
    const stop = async () => {
        child.kill("SIGKILL");
        await ended;
    };
    return { pid: child.pid!, port, stop };
}

async function answers(port: number): Promise<boolean> {
    return fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
    );
}
