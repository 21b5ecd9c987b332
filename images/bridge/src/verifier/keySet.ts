import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import type { Log } from "../log.ts";

/** Pause between two fetches that unknown keys ask for, in milliseconds: forged ids must not become load. */
const coolDown = 30_000;
/** Time between refreshes, in milliseconds: how long a withdrawn key is still taken. */
const refreshInterval = 10 * 60_000;
/** Time between attempts while there are no keys at all, in milliseconds. */
const retryInterval = 2000;
/** Longest fetch, in milliseconds. */
const timeout = 5000;

/** The issuer's keys: fetched in the background, kept when the issuer cannot be reached. */
export interface KeySet {
    /** Finds the key of a token; fetches the keys again when it is unknown. */
    find: JWTVerifyGetKey;
    /** Whether keys were ever loaded. */
    readonly loaded: boolean;
    /** Ends the refreshes. */
    close(): void;
}

/** How often keys are fetched; the defaults suit a real issuer. */
export interface KeySetTiming {
    coolDown?: number;
    refreshInterval?: number;
}

/** Starts loading keys from `uri`. */
export function openKeySet(uri: string, log: Log, timing: KeySetTiming = {}): KeySet {
    const keys = createRemoteJWKSet(new URL(uri), {
        // Keys leave the cache only when a fetch brings others: an issuer that is down withdraws none.
        cacheMaxAge: Infinity,
        cooldownDuration: timing.coolDown ?? coolDown,
        timeoutDuration: timeout,
    });
    let timer: NodeJS.Timeout | undefined;
    let closed = false;

    async function refresh(): Promise<void> {
        try {
            await keys.reload();
            log("info", "keys loaded", { keys: keys.jwks()?.keys.length });
        } catch (error) {
            const cause = ((error as Error).cause as Error | undefined)?.message;
            const reason = `${(error as Error).message}${cause ? `: ${cause}` : ""}`;
            log("warn", "keys not loaded", { uri, reason, kept: keys.jwks()?.keys.length ?? 0 });
        }
        if (!closed) {
            const pause = keys.jwks() ? (timing.refreshInterval ?? refreshInterval) : retryInterval;
            timer = setTimeout(() => void refresh(), pause);
        }
    }
    void refresh();

    return {
        find: keys,
        get loaded() {
            return keys.jwks() !== undefined;
        },
        close() {
            closed = true;
            clearTimeout(timer);
        },
    };
}
