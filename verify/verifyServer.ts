import { findClientFor, requestAccessToken } from "./accessToken.ts";
import {
    type Connection,
    connectV1,
    connectV2,
    type ListedTool,
    LostSessionError,
} from "./connection.ts";
import { describeHandshake } from "./handshake.ts";
import { refuseProbe } from "./probeRules.ts";
import type { Probe, StackOutputs } from "./outputs.ts";

/** A server that passed verification through its public URL. */
export interface VerifiedServer {
    server: string;
    url: string;
    /** Name and version that the server reports. */
    name: string;
    version: string;
    /** Protocol versions that the SDKs negotiated, oldest first. */
    protocolVersions: string[];
    tools: string[];
    /** Milliseconds of one warm tool call, or of listing the tools where no probe is configured. */
    latencyMs: number;
}

/** A failed verification; the message names server, step and cause. */
export class VerificationError extends Error {
    readonly server: string;
    readonly step: string;

    constructor(server: string, step: string, cause: unknown) {
        super(`${server}: ${step}: ${describeCause(cause)}${suggestRepair(server, cause)}`, {
            cause,
        });
        this.server = server;
        this.step = step;
    }
}

/** Calls `server` as a client would, with both SDKs, using only the stack's outputs. */
export async function verifyServer(outputs: StackOutputs, server: string): Promise<VerifiedServer> {
    const url = outputs.endpoints[server] ?? "";
    const step = async <T>(name: string, body: () => T | Promise<T>): Promise<T> => {
        try {
            return await body();
        } catch (error) {
            throw new VerificationError(server, name, error);
        }
    };
    const client = await step("choose a client", () => findClientFor(outputs, server));
    const token = await step(`get a token for '${client}'`, () =>
        requestAccessToken(outputs, client),
    );
    const connections: Connection[] = [];
    try {
        const first = await step("connect with SDK v1", () =>
            withAnswer(connectV1(url, token), { url, token }),
        );
        connections.push(first);
        await step("keep a session with SDK v1", () => keepSession(first));
        connections.push(await step("connect with SDK v2", () => connectV2(url, token)));
        const lists: ListedTool[][] = [];
        let latencyMs = 0;
        for (const connection of connections) {
            const { sdk } = connection;
            const listed = await step(`list tools with ${sdk}`, () => listTools(connection));
            lists.push(listed);
            const probe = outputs.probes[server];
            latencyMs = await step(`probe with ${sdk}`, () => {
                if (probe !== undefined) refuseProbe(probe, listed);
                return measure(connection, probe);
            });
        }
        const newest = connections.at(-1)!;
        return {
            server,
            url,
            name: newest.serverName,
            version: newest.serverVersion,
            protocolVersions: [...new Set(connections.map((one) => one.protocolVersion))],
            tools: (lists.at(-1) ?? []).map(({ name: tool }) => tool),
            latencyMs,
        };
    } finally {
        await Promise.allSettled(connections.map((connection) => connection.close()));
    }
}

/** Calls made within one session: a gateway distributes them over the pods, so that two are reached where there are two. */
const sessionCalls = 8;

async function keepSession(connection: Connection): Promise<void> {
    for (let call = 0; connection.hasSession && call < sessionCalls; call += 1) {
        await connection.ping();
    }
}

function suggestRepair(server: string, cause: unknown): string {
    return cause instanceof LostSessionError
        ? `; its calls reach several pods, of which one has the session: set 'sessions: stateful' for '${server}' in ` +
              "'slipway:servers' and leave 'replicas' out, or keep no sessions in the server"
        : "";
}

async function listTools(connection: Connection): Promise<ListedTool[]> {
    const tools = await connection.listTools();
    if (tools.length === 0) throw new Error("the server must offer at least one tool, got none");
    return tools;
}

/** Calls the probe twice: first to check its answer, then to time a warm call. */
async function measure(connection: Connection, probe: Probe | undefined): Promise<number> {
    const call = async () => {
        if (probe === undefined) return void (await connection.listTools());
        const text = await connection.callTool(probe.tool, probe.args);
        if (!text.includes(probe.expect)) {
            throw new Error(
                `tool '${probe.tool}' must answer with '${probe.expect}', got '${text.slice(0, 200)}'`,
            );
        }
    };
    await call();
    const started = performance.now();
    await call();
    return performance.now() - started;
}

/** Adds what the endpoint answers to an error of an SDK, which tells only what it expected. */
async function withAnswer<T>(
    connecting: Promise<T>,
    { url, token }: { url: string; token: string },
): Promise<T> {
    try {
        return await connecting;
    } catch (error) {
        const answer = await describeHandshake(url, token);
        if (answer === undefined) throw error;
        throw new Error(answer, { cause: error });
    }
}

/** The message of an error and of its causes: `fetch failed` alone does not name the failure. */
export function describeCause(error: unknown): string {
    const messages: string[] = [];
    for (let one: unknown = error; one instanceof Error; one = one.cause) {
        const text =
            one.message === "" ? ((one as { code?: string }).code ?? one.name) : one.message;
        if (!messages.some((known) => known.includes(text))) messages.push(text);
    }
    return messages.length === 0 ? String(error) : messages.join(": ");
}
