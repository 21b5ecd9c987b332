import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from "jose";

/** The audience that a good token names. */
export const resource = "https://mcp.example.org/add/mcp";
/** The issuer that a good token names. */
export const issuerName = "https://id.example.org/realms/r";

/** An issuer of tokens with a JWKS endpoint that can be taken away. */
export interface Issuer {
    jwksUri: string;
    /** How often the keys were fetched. */
    fetches(): number;
    /** Signs a good token, changed by `claims` and `header`. */
    sign(claims?: JWTPayload, header?: object, key?: CryptoKey): Promise<string>;
    /** Replaces the key, under a new id unless it is to keep the old one. */
    rotate(sameId?: boolean): Promise<void>;
    /** Whether the endpoint answers with a set without keys. */
    empty: boolean;
    /** Ends the endpoint; it is down until `start`. */
    stop(): Promise<void>;
    start(): Promise<void>;
}

/** Starts an issuer at a free port. */
export async function startIssuer(algorithm = "RS256", listening = true): Promise<Issuer> {
    let generation = 0;
    let fetches = 0;
    let pair = await generateKeyPair(algorithm, { extractable: true });
    const server = createServer((_, response) => {
        fetches++;
        const kid = `key-${generation}`;
        if (issuer.empty) {
            response.end('{"keys":[]}');
            return;
        }
        void exportJWK(pair.publicKey).then((jwk) =>
            response.end(JSON.stringify({ keys: [{ ...jwk, kid, alg: algorithm, use: "sig" }] })),
        );
    });
    let port = 0;
    const start = async (): Promise<void> => {
        await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
        ({ port } = server.address() as AddressInfo);
    };
    const stop = async (): Promise<void> => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
    };
    await start();
    if (!listening) {
        await stop();
    }
    const issuer: Issuer = {
        empty: false,
        jwksUri: `http://127.0.0.1:${port}/certs`,
        fetches: () => fetches,
        sign: (claims = {}, header = {}, key = pair.privateKey) => {
            const now = Math.floor(Date.now() / 1000);
            return new SignJWT({
                iss: issuerName,
                aud: ["account", resource],
                sub: "user-1",
                azp: "agent",
                typ: "Bearer",
                scope: "profile mcp:add",
                iat: now,
                exp: now + 300,
                ...claims,
            })
                .setProtectedHeader({
                    alg: algorithm,
                    kid: `key-${generation}`,
                    typ: "JWT",
                    ...header,
                })
                .sign(key);
        },
        rotate: async (sameId = false) => {
            // Made first: no key is ever published under the id of the next one.
            pair = await generateKeyPair(algorithm, { extractable: true });
            generation += Number(!sameId);
        },
        stop,
        start,
    };
    return issuer;
}
