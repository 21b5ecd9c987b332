import { EngineLog, silentLog } from "./engineLog.ts";
import type { ResourceLog } from "./engineLog.ts";
import type { Configured, Provider, ResourceType } from "./provider.ts";
import type { Values } from "./values.ts";

/**
 * A connection of an engine, which is one configured provider: `new keycloak.Provider` twice makes two connections to
 * this process.
 */
export class Session {
    readonly #provider: Provider;
    readonly #cancellation = new AbortController();
    readonly #failure = new AbortController();
    #engineLog: EngineLog | undefined;
    #configured: Promise<Configured> | undefined;

    constructor(provider: Provider) {
        this.#provider = provider;
    }

    /** Aborted when the engine cancels the update. */
    get signal(): AbortSignal {
        return this.#cancellation.signal;
    }

    /** Aborted when a resource of the update failed, of any provider. */
    get othersFailed(): AbortSignal {
        return this.#failure.signal;
    }

    attach(engineAddress: string): void {
        this.#engineLog?.close();
        this.#engineLog = new EngineLog(engineAddress);
    }

    async configure(config: Values): Promise<void> {
        this.#configured = Promise.resolve(this.#provider.configure(config));
        await this.#configured;
    }

    cancel(): void {
        this.#cancellation.abort(new Error("cancelled by the user"));
    }

    noteFailure(): void {
        this.#failure.abort(new Error("another resource of the update failed"));
    }

    close(): void {
        this.#engineLog?.close();
    }

    log(urn: string): ResourceLog {
        return this.#engineLog?.for(urn) ?? silentLog;
    }

    /** The resource type of a token. Throws when only the official plugin supports it. */
    async resourceType(type: string): Promise<ResourceType> {
        const found = (await this.#provided()).types(type);
        if (found === undefined) throw new Error(missingTypeText(this.#provider.name, type));
        return found;
    }

    /** Calls a function. Throws when only the official plugin supports it. */
    async callFunction(token: string, args: Values): Promise<Values> {
        const found = (await this.#provided()).functions?.get(token);
        if (found === undefined) throw new Error(missingFunctionText(this.#provider.name, token));
        return found(args);
    }

    async #provided(): Promise<Configured> {
        if (this.#configured === undefined)
            throw new Error(
                `provider '${this.#provider.name}' was not configured on this connection`,
            );
        return this.#configured;
    }
}

/** Describes an unsupported type, and how to install the official plugin. */
export function missingTypeText(provider: string, type: string): string {
    return (
        `resource type '${type}' is not known to the stand-in for plugin '${provider}'; install the official ` +
        `plugin where its download site can be reached: 'pulumi plugin install resource ${provider}'`
    );
}

function missingFunctionText(provider: string, token: string): string {
    return (
        `function '${token}' is not known to the stand-in for plugin '${provider}'; ` +
        `install the official plugin: 'pulumi plugin install resource ${provider}'`
    );
}
