import type {
    OAuthClientProvider,
    OAuthDiscoveryState,
    OAuthTokens,
} from "@modelcontextprotocol/client";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Person } from "./person.ts";

/** How a program gets its client id. */
export interface ClientIdentity {
    /** Client information registered before; absent to register dynamically. */
    client?: { client_id: string };
}

/**
 * What a program with the MCP SDK keeps of a login: it listens for the answer at a free port of this machine, and sends
 * the person's browser to Keycloak.
 */
export class LoginProvider implements OAuthClientProvider {
    /** URL of the program's metadata document, where it has one. */
    clientMetadataUrl: string | undefined;
    /** Every authorization URL to which a browser was sent. */
    readonly authorizations: URL[] = [];
    /** The scopes that Keycloak asked the person about; it remembers the answer. */
    readonly asked: string[] = [];
    readonly #person: Person;
    readonly #server: Server;
    #client: { client_id: string } | undefined;
    #tokens: OAuthTokens | undefined;
    #verifier = "";
    #discovery: OAuthDiscoveryState | undefined;
    #answer: URLSearchParams | undefined;

    private constructor(person: Person, server: Server, identity: ClientIdentity) {
        this.#person = person;
        this.#server = server;
        this.#client = identity.client;
        server.on("request", (request, response) => {
            const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
            // A browser asks for an icon as well.
            if (pathname === "/callback") this.#answer = searchParams;
            response.end("You may close this page.");
        });
    }

    static async open(person: Person, identity: ClientIdentity): Promise<LoginProvider> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
        return new LoginProvider(person, server, identity);
    }

    get redirectUrl(): string {
        const { port } = this.#server.address() as AddressInfo;
        return `http://localhost:${port}/callback`;
    }

    get clientMetadata() {
        return {
            client_name: "Slipway's tests",
            redirect_uris: [this.redirectUrl],
            grant_types: ["authorization_code", "refresh_token"],
            response_types: ["code"],
            token_endpoint_auth_method: "none",
        };
    }

    state(): string {
        return randomBytes(16).toString("hex");
    }

    clientInformation() {
        return this.#client;
    }

    saveClientInformation(client: { client_id: string }): void {
        this.#client = client;
    }

    tokens(): OAuthTokens | undefined {
        return this.#tokens;
    }

    saveTokens(tokens: OAuthTokens): void {
        this.#tokens = tokens;
    }

    codeVerifier(): string {
        return this.#verifier;
    }

    saveCodeVerifier(verifier: string): void {
        this.#verifier = verifier;
    }

    discoveryState(): OAuthDiscoveryState | undefined {
        return this.#discovery;
    }

    saveDiscoveryState(state: OAuthDiscoveryState): void {
        this.#discovery = state;
    }

    async redirectToAuthorization(url: URL): Promise<void> {
        this.authorizations.push(url);
        this.asked.push(...(await this.#person.authorize(url, this.redirectUrl)));
    }

    /** The parameters with which the browser came back. */
    takeAnswer(): URLSearchParams {
        if (this.#answer === undefined) throw new Error("the browser has not come back");
        return this.#answer;
    }

    /** Replaces the access token by one that no server accepts, as if it had expired. */
    spoilAccessToken(): void {
        this.#tokens = { ...this.#tokens!, access_token: "expired" };
    }

    /** Loses the refresh token, as a program does that keeps none. */
    loseRefreshToken(): void {
        const { access_token, token_type, scope } = this.#tokens!;
        this.#tokens = { access_token, token_type, ...(scope !== undefined && { scope }) };
    }

    close(): void {
        this.#server.close();
        this.#server.closeAllConnections();
    }
}
