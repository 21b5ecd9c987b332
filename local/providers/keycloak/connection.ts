import KeycloakAdminClient, { NetworkError } from "@keycloak/keycloak-admin-client";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { isConnectionLost, retryLost } from "../../lostConnection.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";

/**
 * Minimum time limit for a request, in milliseconds: the SDK's 5 s are too short for a new realm on a busy machine.
 */
const leastTimeoutMs = 30_000;

/** Time for a killed Keycloak to answer again on a busy machine, in seconds. */
const backWithinSeconds = 240;

/** Connection of a configured provider to the administration API of one Keycloak. */
export class Connection {
    readonly #client: KeycloakAdminClient;
    readonly #config: Values;
    #login: Promise<void> | undefined;

    /** @param config configuration of the provider; missing values come from the environment (KEYCLOAK_…) */
    constructor(config: Values) {
        this.#config = config;
        const timeout = Math.max(Number(config.clientTimeout ?? 0) * 1000, leastTimeoutMs);
        const baseUrl = this.#setting("url", "KEYCLOAK_URL").replace(/\/$/, "");
        this.#client = new KeycloakAdminClient({
            baseUrl: baseUrl + (textOf(config, "basePath") ?? ""),
            realmName: this.#setting("realm", "KEYCLOAK_REALM") || "master",
            timeout,
        });
        const authority = textOf(config, "rootCaCertificate");
        // Node's fetch has authorities per process only; this process connects to Keycloak only.
        if (authority !== undefined)
            setDefaultCACertificates([...getCACertificates("default"), authority]);
    }

    /**
     * Runs calls to the administration API. Errors have Keycloak's own message, prefixed by `what`.
     *
     * The calls are retried when the connection to Keycloak is lost, so they must be idempotent.
     */
    run<T>(what: string, call: (client: KeycloakAdminClient) => Promise<T>): Promise<T> {
        const isPassing = (error: unknown) =>
            isConnectionLost(error) || [502, 503].includes(statusOf(error) ?? 0);
        return retryLost(() => this.#run(what, call), { seconds: backWithinSeconds, isPassing });
    }

    /**
     * Creates an entity. After a lost answer, `find` shows whether it exists already.
     *
     * @param adopt - Completes an entity with an id of this resource alone, which `find` finds: an earlier creation was
     * interrupted after Keycloak had stored it.
     */
    async create(
        what: string,
        make: (client: KeycloakAdminClient) => Promise<unknown>,
        find: (client: KeycloakAdminClient) => Promise<unknown>,
        adopt?: (client: KeycloakAdminClient) => Promise<unknown>,
    ): Promise<void> {
        let isLost = false;
        await this.run(what, async (client) => {
            try {
                await make(client);
            } catch (error) {
                const isKnown = isLost || adopt !== undefined;
                const isThere = isKnown && statusOf(error) === 409 && Boolean(await find(client));
                // What this creation itself stored is complete.
                if (isThere && !isLost) await adopt?.(client);
                isLost ||= isConnectionLost(error);
                if (!isThere) throw error;
            }
        });
    }

    async #run<T>(what: string, call: (client: KeycloakAdminClient) => Promise<T>): Promise<T> {
        await this.logIn();
        try {
            return await call(this.#client).catch(async (error: unknown) => {
                if (statusOf(error) !== 401) throw error;
                // A restarted Keycloak may have lost the session.
                await this.logInAgain();
                return call(this.#client);
            });
        } catch (error) {
            throw this.#explain(what, error);
        }
    }

    /** Gets a token unless there is a valid one. */
    async logIn(): Promise<void> {
        const { accessToken } = this.#client;
        if (accessToken !== undefined && !this.#client.isTokenExpired()) return;
        this.#login ??= this.#authenticate().finally(() => {
            this.#login = undefined;
        });
        await this.#login;
    }

    /** Gets a new token: only new tokens contain the roles of a new realm. */
    async logInAgain(): Promise<void> {
        await this.#authenticate();
    }

    async #authenticate(): Promise<void> {
        const username = this.#setting("username", "KEYCLOAK_USER");
        const clientId = this.#setting("clientId", "KEYCLOAK_CLIENT_ID");
        const clientSecret = this.#setting("clientSecret", "KEYCLOAK_CLIENT_SECRET");
        if (this.#setting("url", "KEYCLOAK_URL") === "" || clientId === "")
            throw new Error(
                "Keycloak: 'url' and 'clientId' must be set; give them to the provider, or set KEYCLOAK_URL and " +
                    "KEYCLOAK_CLIENT_ID",
            );
        try {
            await this.#client.auth({
                clientId,
                ...(clientSecret !== "" && { clientSecret }),
                ...(username === ""
                    ? { grantType: "client_credentials" }
                    : {
                          grantType: "password",
                          username,
                          password: this.#setting("password", "KEYCLOAK_PASSWORD"),
                      }),
            });
        } catch (error) {
            const who = username === "" ? `client '${clientId}'` : `user '${username}'`;
            throw this.#explain(`log in as ${who} to realm '${this.#client.realmName}'`, error);
        }
    }

    #setting(key: string, variable: string): string {
        return textOf(this.#config, key) ?? process.env[variable] ?? "";
    }

    #explain(what: string, error: unknown): Error {
        const { baseUrl } = this.#client;
        if (isNotFound(error)) return error;
        if (error instanceof NetworkError) {
            const { response, responseData } = error;
            const answer = (responseData ?? {}) as Record<string, string>;
            const words = answer.error_description ?? answer.errorMessage ?? error.message;
            const repair = repairOf(what, response.status);
            return new Error(
                `Keycloak '${baseUrl}': ${what}: refused with status ${response.status}: ${words}${repair}`,
                { cause: error },
            );
        }
        const { cause } = error as { cause?: { code?: string; message?: string } };
        const reason = cause?.code ?? cause?.message ?? String(error);
        return new Error(
            `Keycloak '${baseUrl}': ${what}: it cannot be reached (${reason}); check that it runs, the provider's ` +
                "'url' (KEYCLOAK_URL), and 'rootCaCertificate' when its certificate is private",
            { cause: error },
        );
    }
}

/** What a refused call can be repaired by. */
function repairOf(what: string, status: number): string {
    if (what.startsWith("log in")) return "; check KEYCLOAK_USER and KEYCLOAK_PASSWORD";
    if (what.startsWith("create ") && status === 409) {
        return (
            "; the state of this stack does not have it: choose another name, or delete it in Keycloak if nothing else " +
            "uses it, and run the same command again"
        );
    }
    return "";
}

function statusOf(error: unknown): number | undefined {
    if (error instanceof NetworkError) return error.response.status;
    const { cause } = error as { cause?: unknown };
    return cause instanceof NetworkError ? cause.response.status : undefined;
}

/** The result of a call; undefined when Keycloak answers that the entity does not exist. */
export async function orGone<T>(call: Promise<T>): Promise<T | undefined> {
    try {
        return await call;
    } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
    }
}

/** Whether an error is Keycloak's 404. */
export function isNotFound(error: unknown): error is NetworkError {
    return error instanceof NetworkError && error.response.status === 404;
}
