import { randomUUID } from "node:crypto";
import {
    type McpServer,
    WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

interface Session {
    server: McpServer;
    transport: WebStandardStreamableHTTPServerTransport;
    lastUsed: number;
}

export interface SessionLimits {
    /** Sessions at once; another one ends the one that was unused the longest. */
    max: number;
    /** Time without a request after which a session ends, in milliseconds. */
    idleMs: number;
}

/** Sessions of clients up to 2025-11-25, which may subscribe to resources. */
export class LegacySessions {
    private readonly sessions = new Map<string, Session>();
    private readonly sweeper: NodeJS.Timeout;

    private readonly createServer: () => McpServer;
    private readonly limits: SessionLimits;

    constructor(createServer: () => McpServer, limits: SessionLimits) {
        this.createServer = createServer;
        this.limits = limits;
        this.sweeper = setInterval(() => this.endIdle(), limits.idleMs / 10).unref();
    }

    async handle(request: Request): Promise<Response> {
        const id = request.headers.get("mcp-session-id");
        if (id === null) return this.open(request);
        const session = this.sessions.get(id);
        if (session === undefined) {
            const error = { code: -32001, message: "Session not found" };
            return Response.json({ jsonrpc: "2.0", id: null, error }, { status: 404 });
        }
        session.lastUsed = Date.now();
        // The first one is the one that was unused the longest.
        this.sessions.delete(id);
        this.sessions.set(id, session);
        return session.transport.handleRequest(request);
    }

    /** Ends every session; clients with a stream reconnect. */
    async close(): Promise<void> {
        clearInterval(this.sweeper);
        await Promise.all([...this.sessions.keys()].map((id) => this.end(id)));
    }

    private async open(request: Request): Promise<Response> {
        const server = this.createServer();
        const transport = new WebStandardStreamableHTTPServerTransport({
            sessionIdGenerator: randomUUID,
            onsessioninitialized: (id) => {
                this.sessions.set(id, { server, transport, lastUsed: Date.now() });
                const [oldest] = this.sessions.keys();
                if (this.sessions.size > this.limits.max) void this.end(oldest!);
            },
            onsessionclosed: (id) => void this.end(id),
        });
        await server.connect(transport);
        const response = await transport.handleRequest(request);
        if (transport.sessionId === undefined) await server.close();
        return response;
    }

    private endIdle(): void {
        const limit = Date.now() - this.limits.idleMs;
        for (const [id, { lastUsed }] of this.sessions) if (lastUsed < limit) void this.end(id);
    }

    private async end(id: string): Promise<void> {
        const session = this.sessions.get(id);
        this.sessions.delete(id);
        await session?.server.close();
    }
}
