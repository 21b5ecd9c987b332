import {
    Client,
    LOG_LEVEL_META_KEY,
    StreamableHTTPClientTransport,
    type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import {
    ConnectedClient,
    nameCaller,
    type CallOptions,
    type ClientHandlers,
    type ToolResult,
} from "./connectedClient.ts";

/** SDK v2 with 2026-07-28: what the server asks comes as results that require input, and is answered by a retry. */
export class ModernClient extends ConnectedClient {
    private readonly client: Client;
    private meta: Record<string, string> = {};

    private constructor(client: Client) {
        super(client);
        this.client = client;
    }

    static async connect(
        url: URL,
        mode: VersionNegotiationMode,
        handlers: ClientHandlers = {},
    ): Promise<ModernClient> {
        const { elicit, sample, roots, onNotification, subject } = handlers;
        const capabilities = {
            ...(elicit && { elicitation: { form: {}, url: {} } }),
            ...(sample && { sampling: {} }),
            ...(roots && { roots: {} }),
        };
        const client = new Client(
            { name: "modern", version: "1" },
            { capabilities, versionNegotiation: { mode } },
        );
        if (elicit) {
            client.setRequestHandler("elicitation/create", ({ params }) => elicit(params) as never);
        }
        if (sample) {
            client.setRequestHandler(
                "sampling/createMessage",
                ({ params }) => sample(params) as never,
            );
        }
        if (roots) {
            client.setRequestHandler("roots/list", () => ({
                roots: roots().map((uri) => ({ uri })),
            }));
        }
        client.fallbackNotificationHandler = async ({ method, params = {} }) => {
            await Promise.resolve(onNotification?.(method, params));
        };
        await client.connect(
            new StreamableHTTPClientTransport(url, {
                requestInit: { headers: nameCaller(subject) },
            }),
        );
        return new ModernClient(client);
    }

    get version(): string {
        return this.client.getNegotiatedProtocolVersion() ?? "";
    }

    async call(name: string, args = {}, { onProgress, signal }: CallOptions = {}) {
        const result = await this.client.callTool(
            { name, arguments: args, _meta: this.meta },
            {
                ...(onProgress && {
                    onprogress: ({ progress, total }) => onProgress(progress, total),
                }),
                ...(signal && { signal }),
            },
        );
        return result as unknown as ToolResult;
    }

    async watch(uri: string) {
        const subscription = await this.client.listen({ resourceSubscriptions: [uri] });
        return () => subscription.close();
    }

    async watchLists() {
        await this.client.listen({ toolsListChanged: true, resourcesListChanged: true });
    }

    logFrom(level: string) {
        this.meta = { [LOG_LEVEL_META_KEY]: level };
        return Promise.resolve();
    }

    close() {
        return this.client.close();
    }
}
