import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Log } from "../log.ts";
import { fetchDocument } from "./fetchDocument.ts";

/** Pause between two fetches that unknown keys ask for, in milliseconds: forged ids must not become load. */
const coolDown = 30_000;
/** Time between refreshes, in milliseconds: how long a withdrawn key is still taken. */
const refreshInterval = 10 * 60_000;
/** Time between attempts while there are no keys at all, in milliseconds. */
const retryInterval = 2000;

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

/**
 * Starts loading keys.
 *
 * @param findUri tells where they are; asked again after a fetch that failed, because they may have moved
 */
export function openKeySet(
    findUri: () => string | Promise<string>,
    log: Log,
    timing: KeySetTiming = {},
): KeySet {
    let keys: ReturnType<typeof createLocalJWKSet> | undefined;
    let count = 0;
    let uri: string | undefined;
    let loading: Promise<void> | undefined;
    let attempted = -Infinity;
    let timer: NodeJS.Timeout | undefined;
    let closed = false;

    async function fetchKeys(): Promise<void> {
        attempted = performance.now();
        try {
            uri ??= await findUri();
            const document = (await fetchDocument(uri)) as unknown as JSONWebKeySet;
            keys = createLocalJWKSet(document);
            count = document.keys.length;
            log("info", "keys loaded", { uri, keys: count });
        } catch (error) {
            log("warn", "keys not loaded", { uri, reason: (error as Error).message, kept: count });
            uri = undefined;
        }
    }

    /** One fetch at a time, however many ask for it. */
    function load(): Promise<void> {
        return (loading ??= fetchKeys().finally(() => (loading = undefined)));
    }

    async function refresh(): Promise<void> {
        await load();
        if (!closed) {
            const pause = keys ? (timing.refreshInterval ?? refreshInterval) : retryInterval;
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
                if (!(error instanceof errors.JWKSNoMatchingKey) || cooling) {
                    throw error;
                }
                await load();
                return await keys(header, token);
            }
        },
        get loaded() {
            return keys !== undefined;
        },
        close() {
            closed = true;
            clearTimeout(timer);
        },
    };
}
