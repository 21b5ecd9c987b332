import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Log } from "../log/log.ts";
import { fetchDocument } from "./fetchDocument.ts";

/** Pause between two fetches that unknown keys ask for, in milliseconds: forged ids must not become load. */
const coolDown = 10_000;
/** Time between refreshes, in milliseconds: how long a withdrawn key is still taken. */
const refreshInterval = 10 * 60_000;
/** Time between attempts while there are no keys at all, in milliseconds. */
const retryInterval = 2000;
/** Time to the next attempt after one that failed while there are keys, in milliseconds. */
const failedInterval = 30_000;

/** The issuer's keys: fetched in the background, kept when the issuer cannot be reached. */
export interface KeySet {
    /** Finds the key of a token; fetches the keys again when it is unknown. */
    find: JWTVerifyGetKey;
    /** Whether keys were ever loaded. */
    readonly loaded: boolean;
    /** The key with this id as text; undefined when the issuer has none, or has withdrawn it. */
    describe(keyId: string): string | undefined;
    /** Ends the refreshes. */
    close(): void;
}

/** How often keys are fetched, in milliseconds; the defaults suit a real issuer. */
export interface KeySetTiming {
    /** Pause between two fetches that unknown keys ask for (default 10,000). */
    coolDown?: number;
    /** Time between refreshes (default 600,000). */
    refreshInterval?: number;
    /** Time between attempts while there are no keys at all (default 2000). */
    retryInterval?: number;
}

/**
 * Starts loading keys. jose's own remote set is not used: once its keys are old, the next call waits for a fetch and fails
 * with it, and it counts its pause from the last fetch that succeeded, so that forged ids reach an issuer that is down.
 *
 * @param findUri tells where they are; asked again after a fetch that failed, because they may have moved
 */
export function openKeySet(
    findUri: () => string | Promise<string>,
    log: Log,
    timing: KeySetTiming = {},
): KeySet {
    let keys: ReturnType<typeof createLocalJWKSet> | undefined;
    let described = new Map<string, string>();
    let failed = false;
    let uri: string | undefined;
    let loading: Promise<void> | undefined;
    let attempted = -Infinity;
    let timer: NodeJS.Timeout | undefined;
    let closed = false;

    async function fetchKeys(): Promise<void> {
        try {
            uri ??= await findUri();
            const document = (await fetchDocument(uri)) as unknown as JSONWebKeySet;
            const next = createLocalJWKSet(document);
            if (document.keys.length === 0) {
                // An issuer without keys issues no tokens: the answer is a fault, and would end all access.
                throw new Error(`'${uri}': must have keys, got none`);
            }
            keys = next;
            described = describeKeys(document);
            log("info", "keys loaded", { uri, keys: document.keys.length });
            failed = false;
        } catch (error) {
            const kept = described.size;
            log("warn", "keys not loaded", { uri, reason: (error as Error).message, kept });
            uri = undefined;
            failed = true;
        }
    }

    /** One fetch at a time, however many ask for it. */
    function load(): Promise<void> {
        return (loading ??= fetchKeys().finally(() => (loading = undefined)));
    }

    async function refresh(): Promise<void> {
        await load();
        if (!closed) {
            const usual = timing.refreshInterval ?? refreshInterval;
            const first = timing.retryInterval ?? retryInterval;
            const pause = keys ? (failed ? Math.min(usual, failedInterval) : usual) : first;
            timer = setTimeout(() => void refresh(), pause);
        }
    }
    void refresh();

    return {
        async find(header, token) {
            if (keys === undefined) {
                await loading;
            }
            if (keys === undefined) {
                throw new errors.JWKSNoMatchingKey();
            }
            try {
                return await keys(header, token);
            } catch (error) {
                const cooling = performance.now() - attempted < (timing.coolDown ?? coolDown);
                const mayLoad = loading !== undefined || !cooling;
                if (!(error instanceof errors.JWKSNoMatchingKey) || !mayLoad) {
                    throw error;
                }
                // Counted from fetches that unknown keys caused: after a regular one, a new key is found at once.
                attempted = cooling ? attempted : performance.now();
                await load();
                return await keys(header, token);
            }
        },
        describe: (keyId) => described.get(keyId),
        get loaded() {
            return keys !== undefined;
        },
        close() {
            closed = true;
            clearTimeout(timer);
        },
    };
}

function describeKeys({ keys }: JSONWebKeySet): Map<string, string> {
    return new Map(keys.flatMap((key) => (key.kid ? [[key.kid, JSON.stringify(key)]] : [])));
}
