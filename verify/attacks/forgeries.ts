import { createHmac, createPublicKey, createSign, generateKeyPairSync } from "node:crypto";
import type { JsonWebKey } from "node:crypto";

type Claims = Record<string, unknown>;

const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });

function encode(value: object): string {
    return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Claims {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as Claims;
}

function split(token: string): [head: string, claims: string, signature: string] {
    const [head = "", claims = "", signature = ""] = token.split(".");
    return [head, claims, signature];
}

/** Claims of a token, unchecked. */
export function readClaims(token: string): Claims {
    return decode(split(token)[1]);
}

/** The same claims under a head that names no algorithm. */
export function unsigned(token: string, algorithm = "none"): string {
    const [head, claims] = split(token);
    return `${encode({ ...decode(head), alg: algorithm })}.${claims}.`;
}

/** The same signature under another head. */
export function withHead(token: string, change: Claims): string {
    const [head, claims, signature] = split(token);
    return `${encode({ ...decode(head), ...change })}.${claims}.${signature}`;
}

/** The same signature under other claims. */
export function withClaims(token: string, change: Claims): string {
    const [head, claims, signature] = split(token);
    return `${head}.${encode({ ...decode(claims), ...change })}.${signature}`;
}

/** The same head and claims, changed and signed with a key that the issuer does not have. */
export function resigned(
    token: string,
    headChange: Claims = {},
    claimsChange: Claims = {},
): string {
    const [head, claims] = split(token);
    const text = [
        encode({ ...decode(head), alg: "RS256", ...headChange }),
        encode({ ...decode(claims), ...claimsChange }),
    ].join(".");
    const signature = createSign("RSA-SHA256").update(text).sign(stranger.privateKey, "base64url");
    return `${text}.${signature}`;
}

/** Public half of the key of `resigned`, as a JWK. */
export function strangerKey(): JsonWebKey {
    return stranger.publicKey.export({ format: "jwk" });
}

/** The token signed with HMAC, keyed by the issuer's public key: verifiers that take the algorithm from the head accept it. */
export async function confused(token: string): Promise<string> {
    const [head, claims] = split(token);
    const { kid } = decode(head);
    const key = await readIssuerKey(String(readClaims(token)["iss"]), kid);
    const pem = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
    const text = `${encode({ ...decode(head), alg: "HS256" })}.${claims}`;
    return `${text}.${createHmac("sha256", pem).update(text).digest("base64url")}`;
}

async function readIssuerKey(issuer: string, kid: unknown): Promise<JsonWebKey> {
    const read = async (url: string) =>
        (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as Claims;
    const discovery = await read(`${issuer}/.well-known/openid-configuration`);
    const { keys } = (await read(String(discovery["jwks_uri"]))) as {
        keys: (JsonWebKey & { kid?: string })[];
    };
    return keys.find((key) => key.kid === kid) ?? keys[0]!;
}

/** The token with one bit of its signature inverted. */
export function withFlippedBit(token: string): string {
    const [head, claims, signature] = split(token);
    const bytes = Buffer.from(signature, "base64url");
    bytes[10]! ^= 1;
    return [head, claims, bytes.toString("base64url")].join(".");
}

/**
 * The token with other spare bits in the last character of its signature: a lenient decoder reads the same bytes, so that
 * one token would have many texts, and lists of revoked texts would miss them.
 */
export function withSpareBits(token: string): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) ^ 1]!;
}
