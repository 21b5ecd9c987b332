import { setTimeout as sleep } from "node:timers/promises";

/** Node's error codes for a refused or broken connection. Unresolvable names and invalid certificates do not count. */
const codes = new Set([
    ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "EHOSTUNREACH"],
    ...["ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET", "ERR_SSL_UNEXPECTED_EOF_WHILE_READING"],
]);

/** The same in messages without a code, of kubectl, Docker, and errors of containerd and etcd they pass on. */
const words = [
    ...[/connection (refused|reset)/, /connection to the server .* was refused/, /broken pipe/],
    ...[/unexpected EOF/, /: EOF\b/, /socket hang up/, /^aborted$/, /TLS handshake timeout/],
    ...[/transport is closing/, /ttrpc: closed/, /client connection is closing/],
    ...[/code = Unavailable/, /etcdserver: /, /Cannot connect to the Docker daemon/],
];

/** Whether an error means that the connection was lost. A daemon that was killed may answer again in a moment. */
export function isConnectionLost(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== undefined && codes.has(code)) return true;
    // The Unix socket of a stopped daemon.
    if (code === "ENOENT" && syscall === "connect") return true;
    if (words.some((word) => word.test(error.message))) return true;
    if (error instanceof AggregateError && error.errors.some(isConnectionLost)) return true;
    return isConnectionLost(error.cause);
}

export interface RetryOptions {
    /** Seconds from the first failure to the last attempt. */
    seconds: number;
    /**
     * Whether an error is transient.
     *
     * @default isConnectionLost
     */
    isPassing?: (error: unknown) => boolean;
    signal?: AbortSignal | undefined;
    /** Called before each new attempt. */
    onRetry?: (error: Error) => void;
}

const longestPauseMs = 5000;

/**
 * Retries `work` after transient errors. `work` must be idempotent: an attempt may have succeeded before its answer was
 * lost.
 */
export async function retryLost<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
    const { seconds, isPassing = isConnectionLost, signal, onRetry } = options;
    let end: number | undefined;
    for (let pause = 250; ; pause = Math.min(pause * 2, longestPauseMs)) {
        try {
            return await work();
        } catch (error) {
            end ??= Date.now() + seconds * 1000;
            if (!isPassing(error) || signal?.aborted || Date.now() >= end) throw error;
            onRetry?.(error as Error);
        }
        await sleep(pause, undefined, { ...(signal && { signal }) });
    }
}
