/** First pause before a restart, in milliseconds; it doubles with every failure. */
const firstPause = 100;
const longestPause = 30_000;
/** A run this long, in milliseconds, ends a series of failures. */
const stableAfter = 30_000;
/** Failures in a row after which restarting is plainly not going to help. */
const loopAfter = 6;

/** Decides how long to wait before a server is started again, and when to call it a crash loop. */
export class RestartPolicy {
    private failures = 0;

    /**
     * Whether the last runs all failed and the present one is not ready: the pod's own restart is what is left to try. It
     * would cut the calls of one that is, which may be one that only waited for what it needs.
     */
    isLooping(isReady: boolean): boolean {
        return this.failures >= loopAfter && !isReady;
    }

    /**
     * Notes the end of a run.
     *
     * @param readyFor how long the server was ready, in milliseconds; 0 when it never was
     * @returns pause before the next start, in milliseconds
     */
    noteExit(readyFor: number): number {
        this.failures = readyFor >= stableAfter ? 1 : this.failures + 1;
        return Math.min(firstPause * 2 ** (this.failures - 1), longestPause);
    }
}
