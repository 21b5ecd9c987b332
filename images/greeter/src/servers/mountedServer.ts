import {
    createMcpHandler,
    type McpHttpHandler,
    type McpServer,
} from "@modelcontextprotocol/server";

import { log } from "../log.ts";

/** An MCP server that shares its process with others. */
export interface ServerDefinition {
    /** Path below which it is mounted, without slash. */
    name: string;
    /**
     * Acquires what the server needs.
     *
     * @returns how a request is served, and how what was acquired is released
     */
    start(): Promise<StartedServer> | StartedServer;
}

export interface StartedServer {
    /** Creates the server of one request: it keeps no session. */
    create: (headers: Headers | undefined) => McpServer;
    stop?: () => Promise<void> | void;
}

export type MountState = { status: "serving" } | { status: "failed"; reason: string };

/** One server with a life of its own: when it cannot start or stop, the others do not notice. */
export class MountedServer {
    readonly name: string;
    private readonly definition: ServerDefinition;
    private started: StartedServer | undefined;
    private handler: McpHttpHandler | undefined;
    private current: MountState = { status: "failed", reason: "not started" };

    constructor(definition: ServerDefinition) {
        this.name = definition.name;
        this.definition = definition;
    }

    get state(): MountState {
        return this.current;
    }

    /** Starts the server; never rejects. */
    async start(): Promise<void> {
        try {
            const started = await this.definition.start();
            this.started = started;
            this.handler = createMcpHandler(({ requestInfo }) =>
                started.create(requestInfo?.headers),
            );
            this.current = { status: "serving" };
            log("info", "server_started", { server: this.name });
        } catch (error) {
            this.fail((error as Error).message);
        }
    }

    async handle(request: Request): Promise<Response> {
        if (this.handler === undefined) {
            const reason = this.current.status === "failed" ? this.current.reason : "stopped";
            const error = {
                code: -32000,
                message: `server '${this.name}' does not serve: ${reason}`,
            };
            const headers = { "retry-after": "30" };
            return Response.json({ jsonrpc: "2.0", id: null, error }, { status: 503, headers });
        }
        return this.handler.fetch(request);
    }

    /** Ends the server and releases what it acquired; never rejects. */
    async stop(): Promise<void> {
        const { handler, started } = this;
        this.handler = undefined;
        this.started = undefined;
        try {
            await handler?.close();
            await started?.stop?.();
        } catch (error) {
            this.fail((error as Error).message);
        }
    }

    private fail(reason: string): void {
        this.current = { status: "failed", reason };
        log("error", "server_failed", { server: this.name, reason });
    }
}
