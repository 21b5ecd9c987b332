import { findMisfit, readAccessToken, type TokenRefusal } from "../auth/accessToken.ts";
import type { KeySet } from "../auth/keySet.ts";
import { TokenMemory } from "../auth/tokenMemory.ts";
import type { Principal } from "../principal.ts";
import type { ProtectedServer } from "./verifierConfig.ts";

/** What became of a token: who it speaks for, or the refusal of RFC 6750. */
export type Verdict = { principal: Principal & { scopes: readonly string[] } } | TokenRefusal;

/** Checks access tokens for any of the servers. */
export class TokenCheck {
    private readonly issuer: string;
    private readonly keys: KeySet;
    private readonly remembered = new TokenMemory();

    constructor(issuer: string, keys: KeySet) {
        this.issuer = issuer;
        this.keys = keys;
    }

    /** Checks signature, issuer, times, type, audience and scopes of a token. */
    async check(token: string, server: ProtectedServer): Promise<Verdict> {
        let known = this.remembered.recall(token);
        if (known === undefined) {
            const found = await readAccessToken(token, this.issuer, this.keys);
            if ("error" in found) {
                return found;
            }
            known = this.remembered.remember(token, found);
        }
        return findMisfit(known, server) ?? { principal: known.principal };
    }
}
