import KeycloakAdminClient, { NetworkError } from "@keycloak/keycloak-admin-client";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { isConnectionLost, retryLost } from "../../lostConnection.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";

/** Least patience with one answer, in milliseconds: the SDK's five seconds are too few for a new realm on a busy machine. */
const leastTimeoutMs = 30_000;

/** Time for a killed Keycloak to be back on a busy machine, in seconds. */
const backWithinSeconds = 240;

/** The administration of one Keycloak, as one configured provider. */
export class Connection {
    readonly #client: KeycloakAdminClient;
    readonly #config: Values;
    #login: Promise<void> | undefined;

    /** @param config configuration of the provider; what it leaves out comes from the environment (KEYCLOAK_…) */
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
        // Node's fetch takes authorities for the whole process only; this one talks to Keycloak and to nothing else.
        if (authority !== undefined)
            setDefaultCACertificates([...getCACertificates("default"), authority]);
    }

    /**
     * Runs calls to the administration API; a refusal comes back in Keycloak's own words, after `what`.
     *
     * They are run again when Keycloak went away meanwhile, so they must have the same effect twice as once.
     */
    run<T>(what: string, call: (client: KeycloakAdminClient) => Promise<T>): Promise<T> {
        const isPassing = (error: unknown) =>
            isConnectionLost(error) || [502, 503].includes(statusOf(error) ?? 0);
        return retryLost(() => this.#run(what, call), { seconds: backWithinSeconds, isPassing });
    }

    /**
     * Makes something under an id of the caller's choice. When the answer was lost, it is there already if it can be found
     * under that id.
     */
    async create(
        what: string,
        make: (client: KeycloakAdminClient) => Promise<unknown>,
        find: (client: KeycloakAdminClient) => Promise<unknown>,
    ): Promise<void> {
        let isLost = false;
        await this.run(what, async (client) => {
            try {
                await make(client);
            } catch (error) {
                const isThere = isLost && statusOf(error) === 409 && Boolean(await find(client));
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
                // A Keycloak that was killed may not know the login any more.
                await this.logInAgain();
                return call(this.#client);
            });
        } catch (error) {
            throw this.#explain(what, error);
        }
    }

    /** Gets a token when there is none that lasts. */
    async logIn(): Promise<void> {
        const { accessToken } = this.#client;
        if (accessToken !== undefined && !this.#client.isTokenExpired()) return;
        this.#login ??= this.#authenticate().finally(() => {
            this.#login = undefined;
        });
        await this.#login;
    }

    /** Forgets the token: the roles of a new realm are in new tokens only. */
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
            const repair = what.startsWith("log in")
                ? "; check KEYCLOAK_USER and KEYCLOAK_PASSWORD"
                : "";
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

function statusOf(error: unknown): number | undefined {
    if (error instanceof NetworkError) return error.response.status;
    const { cause } = error as { cause?: unknown };
    return cause instanceof NetworkError ? cause.response.status : undefined;
}

/** Whether Keycloak said that what was named does not exist. */
export function isNotFound(error: unknown): error is NetworkError {
    return error instanceof NetworkError && error.response.status === 404;
}
