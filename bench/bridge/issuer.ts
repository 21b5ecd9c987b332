import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** An issuer made for this run, and a token that it has signed. */
export interface BenchIssuer {
    issuer: string;
    jwksUri: string;
    token: string;
    /** Flags with which the bridge accepts the token. */
    flags: string[];
}

/** Serves the keys of an issuer; its token is for `audience`. */
export async function startIssuer(audience = "http://127.0.0.1/mcp"): Promise<BenchIssuer> {
    // What Keycloak signs with unless told otherwise.
    const algorithm = "RS256";
    const { publicKey, privateKey } = await generateKeyPair(algorithm);
    const key = { ...(await exportJWK(publicKey)), kid: "bench", alg: algorithm, use: "sig" };
    const server = createServer((_, response) => {
        response.setHeader("Content-Type", "application/json").end(JSON.stringify({ keys: [key] }));
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const jwksUri = `${issuer}/keys`;
    const token = await new SignJWT({ scope: "mcp", client_id: "bench" })
        .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: "at+jwt" })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject("bench")
        .setIssuedAt()
        .setExpirationTime("1d")
        .sign(privateKey);
    const flags = ["--issuer", issuer, "--jwks-uri", jwksUri, "--audience", audience];
    return { issuer, jwksUri, token, flags };
}
