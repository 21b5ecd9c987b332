import { connect as connectPlain, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";

import { readAnswers } from "./answers.ts";
import type { AttackTarget, Outcome } from "./attack.ts";

/** An HTTP/1 request written by hand. Fields that are left out are those of a well-behaved MCP client without a token. */
export interface HandmadeRequest {
    /** @default the URL of the target's endpoint */
    url?: URL;
    /** @default `POST` */
    method?: string;
    /** Request target as it is sent, unchecked. @default the path of the endpoint */
    path?: string;
    /** @default `HTTP/1.1` */
    version?: string;
    /** Access token for an `Authorization` field. @default none */
    token?: string;
    /** Further header lines as they are sent, without line end. @default none */
    headers?: string[];
    /** Names of usual fields that are left out, in lower case. @default none */
    without?: string[];
    /** @default the message `initialize` */
    body?: string;
}

/** How a connection is used. */
export interface Wire {
    /** Whether to speak without TLS. @default false */
    plain?: boolean;
    /** Further options of the TLS connection. @default none */
    tls?: ConnectionOptions;
    /** How long further responses are waited for after the first, in milliseconds. @default 0 */
    lingerMs?: number;
    /** Longest duration of the attack, in milliseconds. @default 10,000 */
    timeoutMs?: number;
    /** Writes that follow the first, each after its pause. @default none */
    later?: { afterMs: number; bytes: string }[];
}

/** `initialize`, the one message that every MCP server answers with a result. */
export const initializeMessage = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "slipway-attacks", version: "1.0.0" },
    },
});

/** Bytes of a request. */
export function writeRequest(target: AttackTarget, request: HandmadeRequest = {}): string {
    const { url = target.url, method = "POST", version = "HTTP/1.1", headers = [] } = request;
    const { path = url.pathname, token, without = [], body = initializeMessage } = request;
    const usual = {
        Host: url.host,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
        Connection: "close",
        "Content-Length": Buffer.byteLength(body),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    };
    const lines = Object.entries(usual)
        .filter(([name]) => !without.includes(name.toLowerCase()))
        .map(([name, value]) => `${name}: ${value}`);
    return [`${method} ${path} ${version}`, ...lines, ...headers, "", body].join("\r\n");
}

/** Sends a request written by hand over a connection of its own. */
export function sendRequest(
    target: AttackTarget,
    request: HandmadeRequest = {},
    wire: Wire = {},
): Promise<Outcome> {
    return sendBytes(request.url ?? target.url, writeRequest(target, request), wire);
}

/** Opens a connection, sends bytes as they are, and reads what comes back. Rejects only when nothing listens. */
export function sendBytes(url: URL, bytes: string, wire: Wire = {}): Promise<Outcome> {
    const { lingerMs = 0, timeoutMs = 10_000, later = [] } = wire;
    return new Promise((resolve, reject) => {
        const received: Buffer[] = [];
        const timers: NodeJS.Timeout[] = [];
        let connected = false;
        const read = (closed: boolean) => readAnswers(Buffer.concat(received), closed);
        const finish = (closed: boolean) => {
            timers.forEach(clearTimeout);
            socket.destroy();
            resolve({ answers: read(closed).answers, closed });
        };
        const socket = openSocket(url, wire, () => {
            connected = true;
            socket.write(bytes, "latin1");
            for (const { afterMs, bytes: text } of later) {
                timers.push(setTimeout(() => socket.write(text, "latin1"), afterMs));
            }
        });
        socket.on("data", (chunk: Buffer) => {
            received.push(chunk);
            const { answers, partial } = read(false);
            if (answers.length > 0 && !partial) {
                timers.push(setTimeout(() => finish(false), lingerMs));
            }
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "ECONNREFUSED") return reject(error);
            // A refused handshake and a reset connection are refusals; a certificate that does not fit is none.
            if (!connected && error.code?.includes("CERT") === true) return reject(error);
            finish(true);
        });
        socket.on("end", () => finish(true));
        socket.on("close", () => finish(true));
        timers.push(setTimeout(() => finish(false), timeoutMs));
    });
}

function openSocket(url: URL, { plain = false, tls }: Wire, opened: () => void): Socket {
    const address = { host: url.hostname, port: Number(url.port === "" ? 443 : url.port) };
    if (plain) return connectPlain(address, opened);
    const servername = isIP(url.hostname) === 0 ? url.hostname : "";
    return connectTls({ ...address, servername, ALPNProtocols: ["http/1.1"], ...tls }, opened);
}
