import { decodeJwt } from "jose";
import {
    readAccessToken,
    usualClockSkew,
    type AccessToken,
    type TokenRefusal,
} from "../auth/accessToken.ts";
import { openKeySet, type KeySet, type KeySetTiming } from "../auth/keySet.ts";
import type { Log } from "../log/log.ts";
import { Introspection } from "./introspection.ts";
import type { TrustedIssuer, VerifierConfig } from "./verifierConfig.ts";

interface Trusted {
    keys: KeySet;
    /** Asks the issuer whether a token was revoked; undefined when it cannot be asked. */
    introspection: Introspection | undefined;
    /** Whether its names stay as they are; those of further issuers are made distinct from them. */
    first: boolean;
}

/** The issuers whose tokens are accepted, each with its own keys. */
export class TrustedIssuers {
    private readonly issuers: ReadonlyMap<string, Trusted>;
    /** Accepted difference of clocks, in seconds. */
    readonly clockSkew: number;

    constructor(config: VerifierConfig, log: Log, timing?: KeySetTiming) {
        const all: TrustedIssuer[] = [config, ...(config.furtherIssuers ?? [])];
        this.clockSkew = config.clockSkewSeconds ?? usualClockSkew;
        this.issuers = new Map(
            all.map(({ issuer, jwksUri, introspection }, index) => [
                issuer,
                {
                    keys: openKeySet(
                        () => jwksUri,
                        (level, event, fields) => log(level, event, { issuer, ...fields }),
                        timing,
                    ),
                    introspection: introspection && new Introspection(introspection, log),
                    first: index === 0,
                },
            ]),
        );
    }

    get names(): string[] {
        return [...this.issuers.keys()];
    }

    /** Whether the keys of the first issuer were ever loaded; without them, hardly any token can be checked. */
    get loaded(): boolean {
        const [first] = this.issuers.values();
        return first?.keys.loaded ?? false;
    }

    /** The keys of an issuer, and what asks it about revocation; undefined when it is not trusted. */
    find(issuer: string | undefined): Trusted | undefined {
        return issuer === undefined ? undefined : this.issuers.get(issuer);
    }

    /** Checks a token with the keys of the issuer that it names. */
    async read(token: string): Promise<AccessToken | TokenRefusal> {
        const issuer = readIssuer(token);
        const trusted = this.find(issuer);
        if (issuer === undefined || trusted === undefined) {
            const reason =
                issuer === undefined
                    ? "the token is not accepted"
                    : "the claim 'iss' is not accepted";
            return { error: "invalid_token", reason };
        }
        const found = await readAccessToken(token, issuer, trusted.keys, this.clockSkew);
        return "error" in found || trusted.first ? found : qualify(found, issuer);
    }

    /** The key that signed a token, as text; undefined once it was withdrawn. */
    describeKey({ issuer, keyId }: AccessToken["origin"]): string | undefined {
        return keyId === undefined ? undefined : this.issuers.get(issuer)?.keys.describe(keyId);
    }

    /** Ends the refreshes of keys. */
    close(): void {
        for (const { keys } of this.issuers.values()) {
            keys.close();
        }
    }
}

/** The issuer a token names, which is not verified yet. */
export function readIssuer(token: string): string | undefined {
    try {
        return decodeJwt(token).iss;
    } catch {
        return undefined;
    }
}

/** Adds the issuer to names: two issuers may call different callers by the same one. */
function qualify(token: AccessToken, issuer: string): AccessToken {
    const { subject = "", client, scopes } = token.principal;
    const principal = Object.freeze({
        subject: `${subject}@${issuer}`,
        client: client && `${client}@${issuer}`,
        scopes,
    });
    return { ...token, principal };
}
