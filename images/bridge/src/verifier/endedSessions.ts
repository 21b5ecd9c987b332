import { jwtVerify } from "jose";
import { algorithms, type AccessToken } from "../auth/accessToken.ts";
import { BoundedMap } from "../collections/boundedMap.ts";
import { isObject } from "../json/jsonRpc.ts";
import { readIssuer, type TrustedIssuers } from "./issuers.ts";

/** Ends of sessions remembered. */
const entryLimit = 100_000;
/** How long they are remembered, in milliseconds: longer than access tokens last. */
const rememberedTime = 24 * 3_600_000;
/** What a logout token says it is. */
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/** The end of one session, or of all sessions of a subject that began before. */
export interface SessionEnd {
    issuer: string;
    sessionId: string | undefined;
    subject: string | undefined;
    /** When it ended, in milliseconds of the epoch. */
    endedAt: number;
}

/** The sessions that have ended: their tokens are refused although they would last longer. */
export class EndedSessions {
    private readonly ends = new BoundedMap<number>({
        entries: entryLimit,
        size: 32 * 1024 * 1024,
        sizeOf: (key) => key.length,
    });

    add({ issuer, sessionId, subject, endedAt }: SessionEnd): void {
        this.ends.dropWhile((ended) => ended < Date.now() - rememberedTime);
        const key = sessionId === undefined ? ["sub", subject] : ["sid", sessionId];
        this.ends.set(JSON.stringify([issuer, ...key]), endedAt);
    }

    /** Whether a token belongs to a session that has ended. */
    covers({ origin: { issuer, sessionId, subject, issuedAt } }: AccessToken): boolean {
        if (this.ends.count === 0) {
            return false;
        }
        const ended = (...key: unknown[]) => this.ends.get(JSON.stringify([issuer, ...key]));
        return (
            (sessionId !== undefined && ended("sid", sessionId) !== undefined) ||
            // Tokens say when they were issued in whole seconds.
            (subject !== undefined && issuedAt <= (ended("sub", subject) ?? -Infinity))
        );
    }
}

/**
 * Reads a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4) of one of the issuers.
 *
 * @throws with what is wrong, without the token
 */
export async function readLogoutToken(token: string, issuers: TrustedIssuers): Promise<SessionEnd> {
    const issuer = readIssuer(token);
    const keys = issuers.find(issuer)?.keys;
    if (issuer === undefined || keys === undefined) {
        throw new Error("the issuer is not trusted");
    }
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
        algorithms,
        issuer,
        clockTolerance: issuers.clockSkew,
        requiredClaims: ["iat", "aud"],
    });
    const { sid, sub, events, nonce, iat = 0 } = payload;
    const kind = protectedHeader.typ?.toLowerCase() ?? "logout+jwt";
    if (!["logout+jwt", "jwt"].includes(kind) || nonce !== undefined) {
        throw new Error("must be a logout token");
    }
    if (!isObject(events) || !isObject(events[logoutEvent])) {
        throw new Error(`must have the event '${logoutEvent}'`);
    }
    const sessionId = typeof sid === "string" && sid !== "" ? sid : undefined;
    const subject = typeof sub === "string" && sub !== "" ? sub : undefined;
    if (sessionId === undefined && subject === undefined) {
        throw new Error("must name a session or a subject");
    }
    return { issuer, sessionId, subject, endedAt: iat * 1000 };
}
