import { errors, jwtVerify, type JWTPayload } from "jose";
import { isObject } from "../json/jsonRpc.ts";
import type { Principal } from "./principal.ts";
import type { ChallengeError, ProtectedResource } from "./challenge.ts";
import type { KeySet } from "./keySet.ts";

/** Signatures that need the issuer's private key; `none` and shared secrets are not among them. */
export const algorithms = ["RS256", "ES256", "PS256"];
/** Difference of clocks that is accepted unless told otherwise, in seconds. */
export const usualClockSkew = 10;
/** Types of a token's head that an access token may have, in lower case. */
const headTypes = [undefined, "jwt", "at+jwt", "application/at+jwt"];

/** What a good token says. */
export interface AccessToken {
    principal: Principal & { scopes: readonly string[] };
    audiences: readonly string[];
    /** When it is no longer accepted, in milliseconds of the epoch. */
    expiresAt: number;
    /** Where it comes from. */
    origin: TokenOrigin;
    /** SHA-256 thumbprint, in base64url, of the only certificate whose holder may use it (RFC 8705). */
    certificate: string | undefined;
}

/** Where a token comes from: what a withdrawn key or the end of a session is compared with. */
export interface TokenOrigin {
    issuer: string;
    /** The `kid` of the key that signed it. */
    keyId: string | undefined;
    /** The user's session at the issuer. */
    sessionId: string | undefined;
    /** The `sub` claim as the issuer wrote it. */
    subject: string | undefined;
    /** When it was issued, in milliseconds of the epoch; 0 when it does not say. */
    issuedAt: number;
}

/** Why a token is not accepted: a fault of the token, or `unavailable` when that cannot be told yet. */
export interface TokenRefusal extends ChallengeError {
    error: "invalid_token" | "insufficient_scope" | "unavailable";
}

/**
 * Checks signature, issuer, times and type of a token; never throws.
 *
 * @param clockSkew accepted difference of clocks, in seconds
 */
export async function readAccessToken(
    token: string,
    issuer: string,
    keys: KeySet,
    clockSkew = usualClockSkew,
): Promise<AccessToken | TokenRefusal> {
    if (!token.split(".").every(isCanonical)) {
        return refuse("the token is not accepted");
    }
    try {
        const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
            algorithms,
            issuer,
            clockTolerance: clockSkew,
            requiredClaims: ["exp", "aud"],
        });
        if (!headTypes.includes(protectedHeader.typ?.toLowerCase())) {
            return refuse("the token is not accepted");
        }
        // Keycloak names the kind of token in a claim; an ID token or a refresh token opens nothing.
        if (payload.typ !== undefined && payload.typ !== "Bearer") {
            return refuse("the token is not accepted");
        }
        return readClaims(payload, issuer, protectedHeader.kid, clockSkew);
    } catch (error) {
        return keys.loaded
            ? refuse(explain(error))
            : { error: "unavailable", reason: "the issuer's keys are not loaded yet" };
    }
}

/**
 * Whether a part of a token is the only text of its bytes: the last character has bits that decoders ignore, so that one
 * signature would have several texts.
 */
function isCanonical(part: string): boolean {
    return Buffer.from(part, "base64url").toString("base64url") === part;
}

/**
 * Why a good token does not do for a resource; undefined when it does.
 *
 * @param certificate thumbprint of the certificate that the caller has proven to hold
 */
export function findMisfit(
    { audiences, principal, certificate: bound }: AccessToken,
    { resource, scopes }: ProtectedResource,
    certificate?: string,
): TokenRefusal | undefined {
    if (resource === undefined || !audiences.includes(resource)) {
        return refuse("the token is for another audience");
    }
    if (bound !== undefined && bound !== certificate) {
        return refuse("the token is bound to another client certificate");
    }
    return scopes.every((scope) => principal.scopes.includes(scope))
        ? undefined
        : { error: "insufficient_scope", reason: "the token lacks a scope" };
}

function readClaims(
    payload: JWTPayload,
    issuer: string,
    keyId: string | undefined,
    clockSkew: number,
): AccessToken | TokenRefusal {
    const text = (...claims: unknown[]): string | undefined =>
        claims.find((claim): claim is string => typeof claim === "string" && claim !== "");
    const client = text(payload.azp, payload.client_id);
    // RFC 9068: a client that acts for itself is its own subject.
    const subject = text(payload.sub, client);
    if (subject === undefined) {
        // All such tokens together would be one caller, who sees what any of them left.
        return refuse("the token names neither subject nor client");
    }
    if (!subject.isWellFormed() || client?.isWellFormed() === false) {
        // Halves of characters all become the same sign when they are encoded, and two callers one.
        return refuse("the token's names are not Unicode text");
    }
    const issuedAt = (payload.iat ?? 0) * 1000;
    if (issuedAt > Date.now() + clockSkew * 1000) {
        // The issuer's clock is ahead: the token would be accepted longer than it lasts.
        return refuse("the claim 'iat' is not accepted");
    }
    const certificate = readConfirmation(payload.cnf);
    if (certificate === null) {
        return refuse("the token is bound to a key that cannot be proven here");
    }
    const scopes = Object.freeze(readScopes(payload.scope ?? payload.scp));
    return {
        principal: Object.freeze({ subject, client, scopes }),
        audiences: [payload.aud ?? []].flat(),
        expiresAt: ((payload.exp ?? 0) + clockSkew) * 1000,
        origin: {
            issuer,
            keyId,
            sessionId: text(payload.sid),
            subject: text(payload.sub),
            issuedAt,
        },
        certificate,
    };
}

/** The certificate a token is bound to; undefined for a bearer token, null when another proof is asked for (DPoP). */
function readConfirmation(confirmation: unknown): string | undefined | null {
    if (confirmation === undefined) {
        return undefined;
    }
    const entries = isObject(confirmation) ? Object.entries(confirmation) : [];
    const [[method, thumbprint] = []] = entries;
    const isCertificate = entries.length === 1 && method === "x5t#S256";
    return isCertificate && typeof thumbprint === "string" ? thumbprint : null;
}

/** RFC 9068 has a text in `scope`; some issuers have a list, or call it `scp`. */
function readScopes(claim: unknown): string[] {
    const entries: unknown[] = typeof claim === "string" ? claim.split(" ") : [claim].flat();
    return entries.filter((entry): entry is string => typeof entry === "string" && entry !== "");
}

function refuse(reason: string): TokenRefusal {
    return { error: "invalid_token", reason };
}

function explain(error: unknown): string {
    if (error instanceof errors.JWTExpired) {
        return "the token has expired";
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
        return `the claim '${error.claim}' is not accepted`;
    }
    return error instanceof errors.JWSSignatureVerificationFailed
        ? "the signature is wrong"
        : "the token is not accepted";
}
