import type { StackOutputs } from "./outputs.ts";

/** An access token and its lifetime. */
export interface AccessGrant {
    accessToken: string;
    /** Seconds from now until it expires; undefined when the issuer does not say. */
    expiresInSeconds: number | undefined;
}

/** Requests an access token for one of the stack's machine clients with client credentials (RFC 6749 section 4.4). */
export async function requestAccessToken(outputs: StackOutputs, client: string): Promise<string> {
    return (await requestAccess(outputs, client)).accessToken;
}

/** Like `requestAccessToken`, with the token's lifetime. */
export async function requestAccess(outputs: StackOutputs, client: string): Promise<AccessGrant> {
    const registered = outputs.clients[client];
    const secret = outputs.clientSecrets[client];
    if (registered === undefined || secret === undefined) {
        const known = Object.keys(outputs.clients).map((name) => `'${name}'`);
        throw new Error(`client: must be one of ${known.join(", ")}, got '${client}'`);
    }
    const { clientId, tokenEndpoint } = registered;
    return requestGrant(tokenEndpoint, clientId, secret);
}

/** Requests a token with client credentials; the secret is sent in the body, never in the URL. */
export async function requestToken(
    tokenEndpoint: string,
    clientId: string,
    clientSecret: string,
): Promise<string> {
    return (await requestGrant(tokenEndpoint, clientId, clientSecret)).accessToken;
}

async function requestGrant(
    tokenEndpoint: string,
    clientId: string,
    clientSecret: string,
): Promise<AccessGrant> {
    const response = await fetch(tokenEndpoint, {
        method: "POST",
        body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: clientId,
            client_secret: clientSecret,
        }),
        signal: AbortSignal.timeout(30_000),
    });
    const answer = (await response.json().catch(() => ({}))) as {
        access_token?: string;
        expires_in?: number;
        error?: string;
        error_description?: string;
    };
    if (!response.ok || answer.access_token === undefined) {
        throw new Error(
            `${tokenEndpoint} answered ${response.status} ${answer.error ?? ""}: ${answer.error_description ?? "no access_token"}`,
        );
    }
    return { accessToken: answer.access_token, expiresInSeconds: answer.expires_in };
}

/** The client with the fewest servers that may call `server` and its probe. */
export function findClientFor(outputs: StackOutputs, server: string): string {
    const needed = outputs.probes[server]?.scopes ?? [];
    const [client] = Object.entries(outputs.clients)
        .filter(([, { servers, scopes }]) => {
            return servers.includes(server) && needed.every((scope) => scopes.includes(scope));
        })
        .sort(([, a], [, b]) => a.servers.length - b.servers.length);
    if (client === undefined) {
        const scopes = needed.length === 0 ? "" : `, and '${needed.join("', '")}' to its scopes,`;
        throw new Error(
            `no client may call it; add '${server}' to the servers of one${scopes} in 'slipway:identity'`,
        );
    }
    return client[0];
}
