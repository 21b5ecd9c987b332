import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
    CreateMessageRequestSchema,
    ElicitRequestSchema,
    ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import {
    ConnectedClient,
    nameCaller,
    type CallOptions,
    type ClientHandlers,
    type ToolResult,
} from "./connectedClient.ts";

/** SDK v1: sessions, and requests of the server on streams. */
export class OldClient extends ConnectedClient {
    private readonly client: Client;
    private readonly transport: StreamableHTTPClientTransport;

    private constructor(client: Client, transport: StreamableHTTPClientTransport) {
        super(client);
        this.client = client;
        this.transport = transport;
    }

    static async connect(url: URL, handlers: ClientHandlers = {}): Promise<OldClient> {
        const { elicit, sample, roots, onNotification, subject } = handlers;
        const capabilities = {
            ...(elicit && { elicitation: { form: {}, url: {} } }),
            ...(sample && { sampling: {} }),
            ...(roots && { roots: { listChanged: true } }),
        };
        const client = new Client({ name: "old", version: "1" }, { capabilities });
        if (elicit) {
            client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params) as never);
        }
        if (sample) {
            client.setRequestHandler(
                CreateMessageRequestSchema,
                ({ params }) => sample(params) as never,
            );
        }
        if (roots) {
            client.setRequestHandler(ListRootsRequestSchema, () => ({
                roots: roots().map((uri) => ({ uri })),
            }));
        }
        client.fallbackNotificationHandler = async ({ method, params = {} }) => {
            await Promise.resolve(onNotification?.(method, params));
        };
        const transport = new StreamableHTTPClientTransport(url, {
            requestInit: { headers: nameCaller(subject) },
        });
        await client.connect(transport);
        return new OldClient(client, transport);
    }

    get version(): string {
        return this.transport.protocolVersion ?? "";
    }

    async call(name: string, args = {}, { onProgress, signal }: CallOptions = {}) {
        const result = await this.client.callTool({ name, arguments: args }, undefined, {
            ...(onProgress && {
                onprogress: ({ progress, total }) => onProgress(progress, total),
            }),
            ...(signal && { signal }),
        });
        return result as unknown as ToolResult;
    }

    async watch(uri: string) {
        await this.client.subscribeResource({ uri });
        return async () => void (await this.client.unsubscribeResource({ uri }));
    }

    watchLists() {
        return Promise.resolve();
    }

    async logFrom(level: string) {
        await this.client.setLoggingLevel(level as "debug");
    }

    /** Tells the server that the roots are others now. */
    rootsChanged(): Promise<void> {
        return this.client.sendRootsListChanged();
    }

    async close() {
        // Without it the bridge keeps the session, and its server, until they were idle for long.
        await this.transport.terminateSession();
        await this.client.close();
    }
}
