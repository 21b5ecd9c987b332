import type { JsonObject } from "../../../src/json/jsonRpc.ts";

/** Answers and ears of a client; each answer makes the client declare the ability. */
export interface ClientHandlers {
    elicit?: (params: JsonObject) => { action: string; content?: JsonObject };
    sample?: (params: JsonObject) => JsonObject;
    /** URIs of the client's roots. */
    roots?: () => string[];
    /** A notification of the server, progress excepted. */
    onNotification?: (method: string, params: JsonObject) => void;
    /** Who calls, as a gateway in front of the bridge would say. */
    subject?: string;
}

/** Headers that say who calls. */
export function nameCaller(subject: string | undefined): Record<string, string> {
    return subject === undefined ? {} : { "x-auth-subject": subject };
}

export interface CallOptions {
    onProgress?: (progress: number, total: number | undefined) => void;
    signal?: AbortSignal;
}

/** What a tool gave back. */
export interface ToolResult {
    content: JsonObject[];
    structuredContent?: JsonObject;
    isError?: boolean;
}

/** What a server's client completes: a prompt's argument or a template's variable. */
export interface Completion {
    ref: { type: string; name?: string; uri?: string };
    argument: { name: string; value: string };
    context?: { arguments: Record<string, string> };
}

/** What both SDKs' clients do alike. */
interface SharedCalls {
    listTools(): Promise<{ tools: JsonObject[] }>;
    listResources(): Promise<{ resources: JsonObject[] }>;
    listResourceTemplates(): Promise<{ resourceTemplates: JsonObject[] }>;
    readResource(params: { uri: string }): Promise<{ contents: JsonObject[] }>;
    listPrompts(): Promise<{ prompts: JsonObject[] }>;
    getPrompt(params: JsonObject): Promise<{ messages: JsonObject[] }>;
    complete(params: Completion): Promise<{ completion: { values: string[] } }>;
    getServerVersion(): { name: string } | undefined;
    getInstructions(): string | undefined;
}

/** What servers are asked for, whichever SDK and era carries it. */
export abstract class ConnectedClient implements AsyncDisposable {
    private readonly shared: SharedCalls;

    /** @param client an SDK's client, connected */
    constructor(client: object) {
        this.shared = client as SharedCalls;
    }

    /** Revision agreed on. */
    abstract readonly version: string;

    abstract call(name: string, args?: JsonObject, options?: CallOptions): Promise<ToolResult>;
    /** Hears of updates of a resource from now on. Gives what ends that. */
    abstract watch(uri: string): Promise<() => Promise<void>>;
    /** Hears of changed lists from now on, if not anyway. */
    abstract watchLists(): Promise<void>;
    /** Wants log messages of this level and above with every later call. */
    abstract logFrom(level: string): Promise<void>;
    /** Says goodbye as its era does. */
    abstract close(): Promise<void>;

    [Symbol.asyncDispose](): Promise<void> {
        return this.close();
    }

    get serverName(): string | undefined {
        return this.shared.getServerVersion()?.name;
    }

    get instructions(): string | undefined {
        return this.shared.getInstructions();
    }

    async tools(): Promise<JsonObject[]> {
        return (await this.shared.listTools()).tools;
    }

    /** The text of a tool's first piece of content. */
    async text(name: string, args?: JsonObject): Promise<string> {
        const text = (await this.call(name, args)).content[0]?.text;
        return typeof text === "string" ? text : "";
    }

    async resources(): Promise<JsonObject[]> {
        return (await this.shared.listResources()).resources;
    }

    async templates(): Promise<JsonObject[]> {
        return (await this.shared.listResourceTemplates()).resourceTemplates;
    }

    async read(uri: string): Promise<JsonObject[]> {
        return (await this.shared.readResource({ uri })).contents;
    }

    async prompts(): Promise<JsonObject[]> {
        return (await this.shared.listPrompts()).prompts;
    }

    async prompt(name: string, args = {}): Promise<JsonObject[]> {
        return (await this.shared.getPrompt({ name, arguments: args })).messages;
    }

    async complete(completion: Completion): Promise<string[]> {
        return (await this.shared.complete(completion)).completion.values;
    }
}
