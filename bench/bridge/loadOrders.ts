import type { Target } from "./mcpConnection.ts";

/** What every call of a load is. */
export interface Call {
    /** Tool of the echo server: `echo` and `sleep` and `progress` give back their text, `text` makes one. */
    tool: "echo" | "text" | "sleep" | "progress";
    /**
     * Length of the text.
     *
     * @default 32
     */
    bytes?: number;
    /** How long `sleep` sleeps, ms. */
    ms?: number;
    /** How many notifications `progress` sends. */
    count?: number;
}

/** Keeps every open connection busy. */
export interface Load {
    kind: "load";
    call: Call;
    /** For how long, ms. */
    ms: number;
    /** At most this many calls. */
    calls?: number;
    /** Whether a connection rests after its first failure, for loads during which the bridge goes away. */
    untilFailure?: boolean;
}

/** What the load generator is told; each order is answered before the next. */
export type Order =
    { kind: "open"; targets: Target[]; connections: number } | Load | { kind: "close" };

/** What a load came to. */
export interface LoadResult {
    /** Calls with the right answer. */
    done: number;
    /** Calls that nobody took: the connection was refused, or the answer was 503. */
    refused: number;
    /** Calls with a wrong answer or none. */
    lost: number;
    /** How often each failure came. */
    failures: Record<string, number>;
    /** Notifications before answers. */
    notifications: number;
    elapsedMs: number;
    p50Ms: number;
    p99Ms: number;
    /** CPU time of the load generator itself, which says whether it was the limit. */
    generatorCpuMs: number;
}
