import { errors, jwtVerify, type JWTPayload } from "jose";
import type { Principal } from "../principal.ts";
import type { ChallengeError, ProtectedResource } from "./challenge.ts";
import type { KeySet } from "./keySet.ts";

/** Signatures that need the issuer's private key; `none` and shared secrets are not among them. */
const algorithms = ["RS256", "ES256", "PS256"];
/** Difference of clocks that is forgiven, in seconds. */
const clockTolerance = 10;
/** Types of a token's head that an access token may have, in lower case. */
const headTypes = [undefined, "jwt", "at+jwt", "application/at+jwt"];

/** What a good token says. */
export interface AccessToken {
    principal: Principal & { scopes: readonly string[] };
    audiences: readonly string[];
    /** When it is no longer accepted, in milliseconds of the epoch. */
    expiresAt: number;
}

/** Why a token is not accepted: a fault of the token, or `unavailable` when that cannot be told yet. */
export interface TokenRefusal extends ChallengeError {
    error: "invalid_token" | "insufficient_scope" | "unavailable";
}

/** Checks signature, issuer, times and type of a token; never throws. */
export async function readAccessToken(
    token: string,
    issuer: string,
    keys: KeySet,
): Promise<AccessToken | TokenRefusal> {
    try {
        const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
            algorithms,
            issuer,
            clockTolerance,
            requiredClaims: ["exp", "aud"],
        });
        if (!headTypes.includes(protectedHeader.typ?.toLowerCase())) {
            return refuse("the token is not accepted");
        }
        // Keycloak names the kind of token in a claim; an ID token or a refresh token opens nothing.
        if (payload.typ !== undefined && payload.typ !== "Bearer") {
            return refuse("the token is not accepted");
        }
        return readClaims(payload);
    } catch (error) {
        return keys.loaded
            ? refuse(explain(error))
            : { error: "unavailable", reason: "the issuer's keys are not loaded yet" };
    }
}

/** Why a good token does not do for a resource; undefined when it does. */
export function findMisfit(
    { audiences, principal }: AccessToken,
    { resource, scopes }: ProtectedResource,
): TokenRefusal | undefined {
    if (resource === undefined || !audiences.includes(resource)) {
        return refuse("the token is for another audience");
    }
    return scopes.every((scope) => principal.scopes.includes(scope))
        ? undefined
        : { error: "insufficient_scope", reason: "the token lacks a scope" };
}

function readClaims(payload: JWTPayload): AccessToken | TokenRefusal {
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
    const scopes = Object.freeze(readScopes(payload.scope ?? payload.scp));
    const audiences = [payload.aud ?? []].flat();
    const expiresAt = ((payload.exp ?? 0) + clockTolerance) * 1000;
    return { principal: Object.freeze({ subject, client, scopes }), audiences, expiresAt };
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
