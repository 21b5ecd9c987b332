import {
    Client as ClientV2,
    ClientCredentialsProvider as ClientCredentialsV2,
    StreamableHTTPClientTransport as TransportV2,
    UnauthorizedError as UnauthorizedErrorV2,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider } from "@modelcontextprotocol/client";
import type { OAuthClientProvider as OAuthClientProviderV1 } from "@modelcontextprotocol/sdk/client/auth.js";
import { UnauthorizedError as UnauthorizedErrorV1 } from "@modelcontextprotocol/sdk/client/auth.js";
import { ClientCredentialsProvider as ClientCredentialsV1 } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** One request that an SDK sent. */
export interface SentRequest {
    method: string;
    url: string;
    status: number;
    /** Parameters of a form; empty for other bodies. */
    form: URLSearchParams;
}

/** A program with one of the SDKs, which knows the URL of a server and nothing else. */
export interface LoginProgram {
    /** All that its SDK sent, in order. */
    sent: SentRequest[];
    connect: () => Promise<void>;
    /** Calls a tool; returns the text of its result. */
    call: (name: string, args: Record<string, unknown>) => Promise<string>;
    close: () => Promise<void>;
}

/** Makes a program for a server; `finish` is told of every login that its provider has begun. */
export type OpenProgram = (
    url: string,
    provider: OAuthClientProvider,
    takeAnswer: () => URLSearchParams,
) => LoginProgram;

/** Programs by the name of their SDK. */
export const programs: Record<string, OpenProgram> = { "SDK v1": openV1, "SDK v2": openV2 };

/** Providers of the SDKs for machine clients, by the name of the SDK. */
export const machineProviders: Record<
    string,
    (client: { clientId: string; clientSecret: string }) => OAuthClientProvider
> = {
    "SDK v1": (client) => new ClientCredentialsV1(client),
    "SDK v2": (client) => new ClientCredentialsV2(client),
};

function openV1(...[url, provider, takeAnswer]: Parameters<OpenProgram>): LoginProgram {
    const { sent, recordingFetch } = recordRequests();
    const options = { authProvider: provider as OAuthClientProviderV1, fetch: recordingFetch };
    const open = () => new TransportV1(new URL(url), options);
    let transport = open();
    const client = new ClientV1({ name: "slipway-tests", version: "1.0.0" });
    const loggingIn = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof UnauthorizedErrorV1)) throw error;
            await transport.finishAuth(takeAnswer().get("code") ?? "");
            return work();
        }
    };
    return {
        sent,
        connect: () =>
            loggingIn(async () => {
                transport = open();
                await client.connect(transport);
            }),
        call: async (name, args) =>
            textOf(await loggingIn(() => client.callTool({ name, arguments: args }))),
        close: () => client.close(),
    };
}

function openV2(...[url, authProvider, takeAnswer]: Parameters<OpenProgram>): LoginProgram {
    const { sent, recordingFetch } = recordRequests();
    const open = () => new TransportV2(new URL(url), { authProvider, fetch: recordingFetch });
    let transport = open();
    const client = new ClientV2(
        { name: "slipway-tests", version: "1.0.0" },
        { versionNegotiation: { mode: "auto" } },
    );
    const loggingIn = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof UnauthorizedErrorV2)) throw error;
            await transport.finishAuth(takeAnswer());
            return work();
        }
    };
    return {
        sent,
        connect: () =>
            loggingIn(async () => {
                transport = open();
                await client.connect(transport);
            }),
        call: async (name, args) =>
            textOf(await loggingIn(() => client.callTool({ name, arguments: args }))),
        close: () => client.close(),
    };
}

function recordRequests() {
    const sent: SentRequest[] = [];
    const recordingFetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
        const response = await fetch(url, init);
        const form = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams();
        sent.push({
            method: init?.method ?? "GET",
            url: String(url),
            status: response.status,
            form,
        });
        return response;
    };
    return { sent, recordingFetch };
}

function textOf(result: unknown): string {
    const { content = [], isError } = result as {
        content?: { text?: string }[];
        isError?: boolean;
    };
    const text = content.map((part) => part.text ?? "").join("");
    if (isError === true) throw new Error(text);
    return text;
}
