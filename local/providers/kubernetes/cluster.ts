import { KubeConfig } from "@kubernetes/client-node";
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

import { isConnectionLost, retryLost } from "../../lostConnection.ts";
import { describeUnsupported } from "../protocol/inputRules.ts";
import { isValues, objectOf, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { ApiError, UnreachableError } from "./apiError.ts";
import { Discovery } from "./discovery.ts";

export type Method = "GET" | "PATCH" | "DELETE";

export interface ApiRequest {
    query?: Record<string, string>;
    body?: unknown;
    contentType?: string;
    /** Ends a GET. Of a change, only the attempts that have not begun: the state must know what it came to. */
    signal?: AbortSignal;
    /** Names the object in an error, e.g. `ConfigMap 'default/settings'`. */
    what?: string;
}

/** Time limit for a request to the API server, in milliseconds; admission webhooks may take 30 s. */
const answerWithinMs = 60_000;

/** Time for a lost API server or etcd to answer again, in seconds. */
const backWithinSeconds = 120;

/** Configuration that is supported or has no effect here. */
const configurable = [
    ...["kubeconfig", "context", "namespace", "enablePatchForce", "enableServerSideApply"],
    ...["suppressDeprecationWarnings", "suppressHelmHookWarnings", "version", "pluginDownloadURL"],
];

function refuseUnhonoured(config: Values): void {
    const reason = describeUnsupported("kubernetes");
    const problems = Object.entries(config)
        .filter(([key, value]) => !configurable.includes(key) && value !== false && value !== "")
        .map(([key, value]) => `kubernetes:${key}: ${JSON.stringify(value)} ${reason}`);
    if (config["enableServerSideApply"] === false) {
        problems.push(
            `kubernetes:enableServerSideApply: must be true or left out; false ${reason}`,
        );
    }
    if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** The cluster a provider is configured for. */
export class Cluster {
    readonly discovery = new Discovery(this);
    readonly #config = new KubeConfig();
    readonly #agent = new Agent({ keepAlive: true });
    readonly #namespace: string | undefined;
    readonly #givenUp = new Set<string>();

    /** Whether to take fields from other managers; an object's annotation overrides it. */
    readonly patchForce: boolean;

    /**
     * @param config - Configuration of the provider: `kubeconfig` (path or content), `context`, `namespace`,
     * `enablePatchForce`.
     * @throws Error when the configuration has unsupported keys.
     */
    constructor(config: Values) {
        refuseUnhonoured(config);
        this.patchForce = config["enablePatchForce"] === true;
        const kubeconfig = textOf(config, "kubeconfig");
        if (kubeconfig === undefined) this.#config.loadFromDefault();
        else if (kubeconfig.includes("\n")) this.#config.loadFromString(kubeconfig);
        else this.#config.loadFromFile(kubeconfig);
        const context = textOf(config, "context");
        if (context !== undefined) this.#config.setCurrentContext(context);
        this.#namespace = textOf(config, "namespace");
    }

    /** Namespace of objects that name none. */
    get defaultNamespace(): string {
        const context = this.#config.getContextObject(this.#config.getCurrentContext());
        return this.#namespace ?? context?.namespace ?? "default";
    }

    /** Records that an object did not become ready in this update. */
    giveUp(object: Values): void {
        this.#givenUp.add(uidOf(object));
    }

    isGivenUp(object: Values): boolean {
        return this.#givenUp.has(uidOf(object));
    }

    /**
     * Sends a request and returns the JSON of the response. Retries while the API server is unavailable: all methods
     * here are idempotent, as patches are server-side applies.
     */
    send(method: Method, path: string, options: ApiRequest = {}): Promise<Values> {
        return retryLost(() => this.#send(method, path, options), {
            seconds: backWithinSeconds,
            isPassing: (error) =>
                isConnectionLost(error) || (error instanceof ApiError && error.isPassing),
            signal: options.signal,
        });
    }

    /** Reads a text, such as a container's log; throws when the server refuses, and does not try again. */
    async readText(path: string, query: Record<string, string>): Promise<string> {
        const { status, body } = await this.#exchange("GET", this.#urlOf(path, query), {});
        if (status === 200) return body;
        throw new ApiError(`GET ${path}`, status, parse(body));
    }

    async #send(method: Method, path: string, options: ApiRequest): Promise<Values> {
        const url = this.#urlOf(path, options.query ?? {});
        const { status, body } = await this.#exchange(method, url, options);
        const answer = parse(body);
        if (status >= 200 && status < 300) return answer;
        const words = textOf(answer, "message") === undefined ? { message: body.trim() } : answer;
        throw new ApiError(options.what ?? `${method} ${path}`, status, words);
    }

    #urlOf(path: string, query: Record<string, string>): URL {
        const url = new URL(this.#server().replace(/\/$/, "") + path);
        for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
        return url;
    }

    #server(): string {
        const cluster = this.#config.getCurrentCluster();
        if (cluster !== null) return cluster.server;
        throw new UnreachableError(
            `kubeconfig: context '${this.#config.getCurrentContext()}' names no cluster; set KUBECONFIG, or ` +
                "'kubernetes:kubeconfig' and 'kubernetes:context' in the stack's configuration",
        );
    }

    async #exchange(
        method: Method,
        url: URL,
        { body, contentType = "application/json", signal }: ApiRequest,
    ): Promise<{ status: number; body: string }> {
        signal?.throwIfAborted();
        const timeout = AbortSignal.timeout(answerWithinMs);
        const endsEarly = signal !== undefined && method === "GET";
        const content = body === undefined ? "" : JSON.stringify(body);
        const security: RequestOptions = {};
        try {
            await this.#config.applyToHTTPSOptions(security);
            const options: RequestOptions = {
                ...security,
                method,
                agent: this.#agentFor(url, security),
                signal: endsEarly ? AbortSignal.any([signal, timeout]) : timeout,
                headers: {
                    ...(security.headers as Record<string, string>),
                    // Logs are text, and refused to a client that takes JSON alone.
                    Accept: "application/json, */*",
                    ...(body !== undefined && { "Content-Type": contentType }),
                    // Without it, Node sends a DELETE body with neither length nor chunked encoding, which servers
                    // refuse.
                    "Content-Length": Buffer.byteLength(content),
                },
            };
            return await exchange(url, options, content);
        } catch (error) {
            signal?.throwIfAborted();
            const cause = (error as NodeJS.ErrnoException).code ?? String(error);
            throw new UnreachableError(
                `the Kubernetes API server '${url.origin}' cannot be reached (${cause}); check that the cluster ` +
                    "runs and that KUBECONFIG names the right one",
                { cause: error },
            );
        }
    }

    /** Agent with keep-alive; through a proxy, the client library's own agent. */
    #agentFor(url: URL, security: RequestOptions): RequestOptions["agent"] {
        if (url.protocol === "http:") return undefined;
        return this.#config.getCurrentCluster()?.proxyUrl ? security.agent : this.#agent;
    }
}

function exchange(url: URL, options: RequestOptions, body: string) {
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
        const send = url.protocol === "http:" ? httpRequest : httpsRequest;
        const sent = send(url, options, (response) => {
            text(response).then(
                (received) => resolve({ status: response.statusCode ?? 0, body: received }),
                reject,
            );
        });
        sent.on("error", reject).end(body);
    });
}

function parse(body: string): Values {
    try {
        const value: unknown = JSON.parse(body);
        return isValues(value) ? value : {};
    } catch {
        return {};
    }
}

function uidOf(object: Values): string {
    return textOf(objectOf(object, "metadata"), "uid") ?? "";
}
