import { BoundedMap } from "../collections/boundedMap.ts";
import type { AccessToken } from "./accessToken.ts";

/** Longest token that is looked at, in characters: half of the headers that Node reads. */
export const tokenLengthLimit = 8192;
/** Tokens remembered: one each for the callers of a minute. */
const entryLimit = 10_000;
/** All remembered tokens together, in bytes: some five thousand of usual length. */
const sizeLimit = 8 * 1024 * 1024;
/** How long a token is remembered unless told otherwise, in milliseconds: bounds how long a withdrawn key is accepted. */
const usualTime = 60_000;

/** A good token, as it was seen of late. */
export interface RememberedToken<T extends AccessToken = AccessToken> {
    /** What it is found under. */
    key: string;
    token: T;
    /** When it must be looked at again, in milliseconds of the epoch: never after its end. */
    until: number;
}

/**
 * The good tokens of the last minute, so that a busy client's signature is checked once.
 *
 * The bridge finds them by their text, not by a digest, whose computing would cost more than the rest of the check. Nothing is
 * lost by that: only tokens with a good signature are kept, so a stranger can neither fill the map nor choose its keys;
 * their number and sum are bounded; looking up compares a text only when all of its hash, seeded anew in each process, is
 * equal, so that time tells nothing of a token; and the process has the headers in memory as it is.
 */
export class TokenMemory<T extends AccessToken = AccessToken> {
    private readonly rememberedTime: number;
    private readonly tokens = new BoundedMap<RememberedToken<T>>({
        entries: entryLimit,
        size: sizeLimit,
        sizeOf: (key) => key.length,
    });

    /** @param rememberedTime longest time, in milliseconds; Infinity for who learns of withdrawn keys otherwise */
    constructor(rememberedTime = usualTime) {
        this.rememberedTime = rememberedTime;
    }

    /** Tokens it holds. */
    get count(): number {
        return this.tokens.count;
    }

    /** Bytes of the tokens it holds. */
    get size(): number {
        return this.tokens.size;
    }

    /** The token found under `key`; undefined when it must be looked at, again or for the first time. */
    recall(key: string, now = Date.now()): T | undefined {
        return this.find(key, now)?.token;
    }

    /** The same, with the time until which it need not be looked at again. */
    find(key: string, now = Date.now()): RememberedToken<T> | undefined {
        const known = this.tokens.get(key);
        return known !== undefined && now < known.until ? known : undefined;
    }

    /**
     * Remembers a token, under a key of which one is made from each token.
     *
     * @returns the token; of one that was remembered, the same object, so that its principal stays the same
     */
    remember(key: string, token: T, now = Date.now()): T {
        const kept = this.tokens.get(key)?.token ?? token;
        this.tokens.dropWhile(({ until }) => until <= now);
        this.tokens.set(key, {
            key,
            token: kept,
            until: Math.min(kept.expiresAt, now + this.rememberedTime),
        });
        return kept;
    }

    /** Forgets a token. */
    forget(key: string): void {
        this.tokens.delete(key);
    }
}
