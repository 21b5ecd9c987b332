import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";

/** An endpoint, and how to speak to it. */
export interface Target {
    port: number;
    path: string;
    /**
     * Revision of the client: `legacy` is 2025-11-25, with a session where the server gives one; `modern` is 2026-07-28;
     * `rest` calls tools by `POST /call`.
     */
    era: "legacy" | "modern" | "rest";
    /** What the bridge puts before the names of the server's tools. */
    toolPrefix: string;
    /** Bearer token of every request. */
    token?: string;
    /**
     * Where it is, as whom it is asked, and the authority of its certificate.
     *
     * @default 127.0.0.1 by plain HTTP
     */
    at?: { address: string; host: string; ca?: string };
    /**
     * Replica at which its session is opened.
     *
     * @default `at`
     */
    openAt?: { address: string; host: string };
    /** What it says that it can be asked. */
    capabilities?: object;
    /** Who calls, as a gateway in front of the bridge would say. */
    subject?: string;
}

/** What a request came to. */
export interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    body: Buffer;
}

/** One message of an answer; only what is looked at here. */
export interface Message {
    id?: number;
    method?: string;
    result?: { content?: { text?: string }[]; isError?: boolean; tools?: unknown[] };
    error?: { code: number; message: string };
}

/** A call that came to something else than its answer. */
export class CallFailure extends Error {
    /** HTTP status of the answer, 0 for none. */
    readonly status: number;
    /** Code of the system's error, such as ECONNREFUSED. */
    readonly code: string;
    /** Code of the JSON-RPC error, where that was the answer. */
    readonly rpcCode: number | undefined;

    constructor(message: string, status: number, code = "", rpcCode?: number) {
        super(message);
        this.status = status;
        this.code = code;
        this.rpcCode = rpcCode;
    }
}

/** How long nothing may come before a request counts as not answered: no bridge holds up the whole bench. */
const silenceMs = 30_000;

const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
};
const clientInfo = { name: "bench", version: "1.0.0" };

/**
 * A client on one connection that is kept: plain node:http or node:https, one request at a time, so that it costs the load generator
 * little beside what is measured.
 */
export class McpConnection {
    private readonly agent: Agent | TlsAgent;
    private readonly headers: Record<string, string>;
    private target: Target;
    private lastId = 0;
    /** Time of the last exchange: from the request, which was ready, to the end of the answer, not yet read. */
    lastMs = 0;

    constructor(target: Target) {
        this.target = target;
        const { ca, host = "" } = target.at ?? {};
        const kept = { keepAlive: true, maxSockets: 1, timeout: silenceMs };
        this.agent =
            ca === undefined
                ? new Agent(kept)
                : new TlsAgent({ ...kept, ca, servername: host.replace(/:\d+$/, "") });
        this.headers = {
            ...(target.at === undefined ? {} : { Host: target.at.host }),
            "Content-Type": "application/json",
            Accept: "application/json, text/event-stream",
            ...(target.subject === undefined ? {} : { "X-Auth-Subject": target.subject }),
            ...(target.token === undefined ? {} : { Authorization: `Bearer ${target.token}` }),
        };
    }

    /** Id of the session, where the server gave one. */
    get sessionId(): string | undefined {
        return this.headers["Mcp-Session-Id"];
    }

    /** Shakes hands, where the era has it; a second time for a new session. */
    async open(capabilities: object = this.target.capabilities ?? {}): Promise<void> {
        if (this.target.era === "rest") return;
        if (this.target.era === "modern") {
            this.headers["MCP-Protocol-Version"] = "2026-07-28";
            return;
        }
        const { target } = this;
        if (target.openAt !== undefined) this.target = { ...target, at: target.openAt };
        delete this.headers["Mcp-Session-Id"];
        delete this.headers["MCP-Protocol-Version"];
        const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
        const { headers } = await this.request("initialize", params);
        this.headers["MCP-Protocol-Version"] = "2025-11-25";
        const session = headers["mcp-session-id"];
        if (typeof session === "string") this.headers["Mcp-Session-Id"] = session;
        await this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
        this.target = target;
    }

    /** Calls a tool that must answer with `expected`; gives how many notifications came before. */
    async call(tool: string, args: object, expected: string, meta?: object): Promise<number> {
        if (this.target.era === "rest") return this.callRest(tool, args, expected);
        const params = { name: this.target.toolPrefix + tool, arguments: args, _meta: meta };
        const { messages, result } = await this.request("tools/call", params);
        if (result?.content?.[0]?.text !== expected) {
            throw new CallFailure(
                `'${tool}' answered ${JSON.stringify(result).slice(0, 300)}`,
                200,
            );
        }
        return messages - 1;
    }

    private async callRest(tool: string, args: object, expected: string): Promise<number> {
        const call = Buffer.from(JSON.stringify({ tool_name: tool, tool_args: args }));
        const { status, body } = await this.exchange("POST", call);
        const { result } = JSON.parse(body.toString()) as Message;
        if (status !== 200 || result?.content?.[0]?.text !== expected) {
            throw new CallFailure(
                `'${tool}' got ${status} ${body.toString().slice(0, 300)}`,
                status,
            );
        }
        return 0;
    }

    /** Tells the server, on a connection of its own, that the request asked last is not wanted any more. */
    async cancelLast(): Promise<void> {
        const beside = new McpConnection(this.target);
        Object.assign(beside.headers, this.headers);
        const params = { requestId: this.lastId, reason: "not wanted" };
        await beside.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
        beside.close();
    }

    /** Opens the session's stream of the server's own messages; it ends with the connection. */
    async listen(): Promise<void> {
        await this.exchange("GET", undefined);
    }

    /** Sends a request and takes its answer apart; anything but a result is a failure. */
    async request(
        method: string,
        params: { name?: string; [key: string]: unknown },
    ): Promise<{ headers: IncomingHttpHeaders; messages: number; result: Message["result"] }> {
        const id = (this.lastId += 1);
        let headers: Record<string, string> | undefined;
        if (this.target.era === "modern") {
            params = { ...params, _meta: { ...envelope, ...(params._meta as object) } };
            headers = { "Mcp-Method": method };
            if (params.name !== undefined) headers["Mcp-Name"] = params.name;
        }
        const answer = await this.send({ jsonrpc: "2.0", id, method, params }, headers);
        const messages = readMessages(answer);
        const own = messages.find((message) => message.id === id);
        if (answer.status !== 200 || own?.result === undefined) {
            throw new CallFailure(
                describe(method, answer, own),
                answer.status,
                "",
                own?.error?.code,
            );
        }
        return { headers: answer.headers, messages: messages.length, result: own.result };
    }

    /** Ends the session as a well-behaved client does. */
    async end(): Promise<void> {
        if (this.sessionId !== undefined) await this.exchange("DELETE", undefined);
        this.close();
    }

    /** Closes the connection and says nothing to the server. */
    close(): void {
        this.agent.destroy();
    }

    private send(message: object, headers?: Record<string, string>): Promise<Answer> {
        return this.exchange("POST", Buffer.from(JSON.stringify(message)), headers);
    }

    private exchange(
        method: string,
        body: Buffer | undefined,
        more?: Record<string, string>,
    ): Promise<Answer> {
        const { port, at, era } = this.target;
        const path = era === "rest" ? "/call" : this.target.path;
        const ask = at?.ca === undefined ? request : tlsRequest;
        const headers: Record<string, string | number> = { ...this.headers, ...more };
        headers["Content-Length"] = body?.length ?? 0;
        return new Promise((resolve, reject) => {
            const started = performance.now();
            const host = at?.address ?? "127.0.0.1";
            const options = { host, port, path, method, agent: this.agent, headers };
            const sent = ask(options, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", (error) => reject(failure(error)));
                response.on("end", () => {
                    this.lastMs = performance.now() - started;
                    const whole =
                        chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
                    const { statusCode = 0 } = response;
                    resolve({ status: statusCode, headers: response.headers, body: whole });
                });
            });
            sent.on("timeout", () => sent.destroy(new Error(`no answer in ${silenceMs} ms`)));
            sent.on("error", (error) => reject(failure(error)));
            sent.end(body);
        });
    }
}

function describe(method: string, { status, headers }: Answer, own: Message | undefined): string {
    const came = own?.error ?? headers["content-type"] ?? "no message";
    return `'${method}' got ${status} ${JSON.stringify(came).slice(0, 200)}`;
}

function failure(error: Error): CallFailure {
    return new CallFailure(error.message, 0, (error as NodeJS.ErrnoException).code);
}

/** The messages of an answer: one JSON document, or the events of a stream. */
function readMessages({ headers, body }: Answer): Message[] {
    const text = body.toString();
    if (headers["content-type"]?.startsWith("text/event-stream") !== true) {
        try {
            return [JSON.parse(text) as Message];
        } catch {
            return [];
        }
    }
    const messages: Message[] = [];
    for (const line of text.split("\n")) {
        // An event without text is what a server sends for the client to know where to resume.
        if (line.startsWith("data:") && line.length > 6) {
            messages.push(JSON.parse(line.slice(5)) as Message);
        }
    }
    return messages;
}
