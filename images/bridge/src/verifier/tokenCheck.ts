import { hash } from "node:crypto";
import { findMisfit, type AccessToken, type TokenRefusal } from "../auth/accessToken.ts";
import { TokenMemory } from "../auth/tokenMemory.ts";
import type { Principal } from "../auth/principal.ts";
import type { EndedSessions } from "./endedSessions.ts";
import type { TrustedIssuers } from "./issuers.ts";
import type { ProtectedServer } from "./verifierConfig.ts";

/** Longest token that is looked at, in characters: as long as a header that NGINX takes. */
export const tokenLengthLimit = 32 * 1024;

/** A token that is accepted. */
export interface Accepted {
    principal: Principal & { scopes: readonly string[] };
    /** When it is no longer accepted, in milliseconds of the epoch. */
    expiresAt: number;
}

/** The caller that a token speaks for, or the refusal of RFC 6750. */
export type Verdict = Accepted | TokenRefusal;

/** What a request brings. */
export interface Credentials {
    token: string;
    /** SHA-256 thumbprint, in base64url, of the client certificate that the gateway has checked. */
    certificate: string | undefined;
}

interface Remembered extends AccessToken {
    /** The key that signed it, as text: it may be withdrawn, or replaced by one of the same id. */
    key: string | undefined;
}

/** Checks access tokens for any of the servers. */
export class TokenCheck {
    private readonly issuers: TrustedIssuers;
    private readonly sessions: EndedSessions;
    private readonly remembered = new TokenMemory<Remembered>(Infinity);
    private readonly pending = new Map<string, Promise<Remembered | TokenRefusal>>();

    constructor(issuers: TrustedIssuers, sessions: EndedSessions) {
        this.issuers = issuers;
        this.sessions = sessions;
    }

    /** Tokens remembered. */
    get rememberedTokens(): number {
        return this.remembered.count;
    }

    /**
     * Checks signature, issuer, times, type, audience, scopes, certificate and, where the server asks for it, revocation. At
     * once for a token that is remembered.
     */
    check(credentials: Credentials, server: ProtectedServer): Verdict | Promise<Verdict> {
        if (credentials.token.length > tokenLengthLimit) {
            const reason = `the token must not be longer than ${tokenLengthLimit} characters`;
            return { error: "invalid_token", reason };
        }
        // The digest is kept, not the token: nothing in memory opens a server, and long tokens take no more room.
        const key = hash("sha256", credentials.token, "base64url");
        const known = this.recall(key);
        return known === undefined
            ? this.readFirst(key, credentials, server)
            : this.judge(key, known, credentials, server);
    }

    private recall(key: string): Remembered | undefined {
        const known = this.remembered.recall(key);
        if (known === undefined || this.issuers.describeKey(known.origin) === known.key) {
            return known;
        }
        this.remembered.forget(key);
        return undefined;
    }

    private async readFirst(
        key: string,
        credentials: Credentials,
        server: ProtectedServer,
    ): Promise<Verdict> {
        let reading = this.pending.get(key);
        if (reading === undefined) {
            reading = this.read(key, credentials.token).finally(() => this.pending.delete(key));
            this.pending.set(key, reading);
        }
        const found = await reading;
        return "error" in found ? found : await this.judge(key, found, credentials, server);
    }

    private async read(key: string, token: string): Promise<Remembered | TokenRefusal> {
        const found = await this.issuers.read(token);
        if ("error" in found) {
            return found;
        }
        const signedBy = this.issuers.describeKey(found.origin);
        const read = { ...found, key: signedBy };
        // Without an id nothing tells when its key is withdrawn.
        return signedBy === undefined ? read : this.remembered.remember(key, read);
    }

    private judge(
        key: string,
        known: Remembered,
        { token, certificate }: Credentials,
        server: ProtectedServer,
    ): Verdict | Promise<Verdict> {
        if (this.sessions.covers(known)) {
            return { error: "invalid_token", reason: "the session has ended" };
        }
        const misfit = findMisfit(known, server, server.certificateBound ? certificate : undefined);
        if (misfit !== undefined) {
            return misfit;
        }
        if (server.certificateBound && known.certificate === undefined) {
            const reason = "the token must be bound to the client certificate";
            return { error: "invalid_token", reason };
        }
        return server.checkRevocation ? this.checkRevocation(key, known, token) : known;
    }

    private async checkRevocation(key: string, known: Remembered, token: string): Promise<Verdict> {
        const introspection = this.issuers.find(known.origin.issuer)?.introspection;
        if (introspection === undefined) {
            const reason = "revocation of this issuer's tokens cannot be checked";
            return { error: "invalid_token", reason };
        }
        switch (await introspection.state(key, token)) {
            case "active":
                return known;
            case "revoked":
                return { error: "invalid_token", reason: "the token was revoked" };
            case "unknown":
                return { error: "unavailable", reason: "the issuer does not tell of revocation" };
        }
    }
}
