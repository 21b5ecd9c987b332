import { createHash } from "node:crypto";
import { errors, jwtVerify, type JWTPayload } from "jose";
import type { KeySet } from "./keySet.ts";
import type { ProtectedServer } from "./verifierConfig.ts";

/** Signatures that need the issuer's private key; `none` and shared secrets are not among them. */
const algorithms = ["RS256", "ES256", "PS256"];
/** Difference of clocks that is forgiven, in seconds. */
const clockTolerance = 10;
/** Types of a token's head that an access token may have. */
const headTypes = [undefined, "JWT", "at+jwt", "application/at+jwt"];
/** Tokens remembered, so that a busy client's signature is checked once. */
const rememberedLimit = 2000;
/** How long a token is remembered, in milliseconds: bounds how long a withdrawn key is still taken. */
const rememberedTime = 60_000;

/** Who a token speaks for. */
export interface Identity {
    subject: string;
    client: string;
    scopes: string[];
}

/** What became of a token: an identity, or the refusal of RFC 6750. */
export type Verdict =
    | { identity: Identity }
    | { error: "invalid_token" | "insufficient_scope"; reason: string }
    | { error: "unavailable"; reason: string };

interface Remembered {
    payload: JWTPayload;
    until: number;
}

/** Checks access tokens for any of the servers. */
export class TokenCheck {
    private readonly issuer: string;
    private readonly keys: KeySet;
    private readonly remembered = new Map<string, Remembered>();

    constructor(issuer: string, keys: KeySet) {
        this.issuer = issuer;
        this.keys = keys;
    }

    /** Checks signature, issuer, times, type, audience and scopes of a token. */
    async check(token: string, server: ProtectedServer): Promise<Verdict> {
        let payload: JWTPayload;
        try {
            payload = await this.verify(token);
        } catch (error) {
            return this.explain(error);
        }
        const audiences = [payload.aud ?? []].flat();
        if (!audiences.includes(server.resource)) {
            return { error: "invalid_token", reason: "the token is for another audience" };
        }
        const scopes = typeof payload.scope === "string" ? payload.scope.split(" ") : [];
        if (!server.scopes.every((scope) => scopes.includes(scope))) {
            return { error: "insufficient_scope", reason: "the token lacks a scope" };
        }
        const client = [payload.azp, payload.client_id].find((id) => typeof id === "string") ?? "";
        // RFC 9068: a client that acts for itself is its own subject.
        return { identity: { subject: payload.sub ?? client, client, scopes } };
    }

    private async verify(token: string): Promise<JWTPayload> {
        const digest = createHash("sha256").update(token).digest("base64");
        const known = this.remembered.get(digest);
        if (known && known.until > Date.now()) {
            return known.payload;
        }
        const { payload, protectedHeader } = await jwtVerify(token, this.keys.find, {
            algorithms,
            issuer: this.issuer,
            clockTolerance,
            requiredClaims: ["exp", "aud"],
        });
        if (!headTypes.includes(protectedHeader.typ)) {
            throw new errors.JWTInvalid(`type '${protectedHeader.typ}' is not an access token's`);
        }
        // Keycloak names the kind of token in a claim; an ID token or a refresh token opens nothing.
        if (payload.typ !== undefined && payload.typ !== "Bearer") {
            throw new errors.JWTInvalid("the claim 'typ' is not an access token's");
        }
        this.remember(digest, payload);
        return payload;
    }

    private remember(digest: string, payload: JWTPayload): void {
        if (this.remembered.size >= rememberedLimit) {
            const [oldest] = this.remembered.keys();
            this.remembered.delete(oldest ?? "");
        }
        this.remembered.delete(digest);
        const expiry = ((payload.exp ?? 0) + clockTolerance) * 1000;
        this.remembered.set(digest, {
            payload,
            until: Math.min(expiry, Date.now() + rememberedTime),
        });
    }

    private explain(error: unknown): Verdict {
        if (!this.keys.loaded) {
            return { error: "unavailable", reason: "the issuer's keys are not loaded yet" };
        }
        if (error instanceof errors.JWTExpired) {
            return { error: "invalid_token", reason: "the token has expired" };
        }
        if (error instanceof errors.JWTClaimValidationFailed) {
            return { error: "invalid_token", reason: `the claim '${error.claim}' is not accepted` };
        }
        if (error instanceof errors.JWSSignatureVerificationFailed) {
            return { error: "invalid_token", reason: "the signature is wrong" };
        }
        return { error: "invalid_token", reason: "the token is not accepted" };
    }
}
