import { setTimeout as sleep } from "node:timers/promises";

/** Codes of Node for a connection that was refused, or broke. A wrong name or certificate is none of them. */
const codes = new Set([
    ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "EHOSTUNREACH"],
    ...["ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET", "ERR_SSL_UNEXPECTED_EOF_WHILE_READING"],
]);

/** Words for the same of programs that give no code: kubectl, Docker and what they pass on from containerd and etcd. */
const words = [
    ...[/connection (refused|reset)/, /connection to the server .* was refused/, /broken pipe/],
    ...[/unexpected EOF/, /: EOF\b/, /socket hang up/, /^aborted$/, /TLS handshake timeout/],
    ...[/transport is closing/, /ttrpc: closed/, /client connection is closing/],
    ...[/code = Unavailable/, /etcdserver: /, /Cannot connect to the Docker daemon/],
];

/** Whether what was asked went away: it may be back in a moment, as a daemon that was killed is. */
export function isConnectionLost(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== undefined && codes.has(code)) return true;
    // The socket of a daemon that does not run.
    if (code === "ENOENT" && syscall === "connect") return true;
    if (words.some((word) => word.test(error.message))) return true;
    if (error instanceof AggregateError && error.errors.some(isConnectionLost)) return true;
    return isConnectionLost(error.cause);
}

export interface RetryOptions {
    /** Seconds from the first failure to the last attempt. */
    seconds: number;
    /**
     * Whether a failure may pass.
     *
     * @default isConnectionLost
     */
    isPassing?: (error: unknown) => boolean;
    signal?: AbortSignal | undefined;
    /** Told before each new attempt. */
    onRetry?: (error: Error) => void;
}

const longestPauseMs = 5000;

/**
 * Does a piece of work again when what it asks went away meanwhile. It must be safe to be done twice: the first attempt
 * may have reached its end before the answer was lost.
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
