import { diag, DiagLogLevel } from "@opentelemetry/api";
import type { Log } from "../log/log.ts";

/** Time in which a collector that is away is complained of once, in milliseconds. */
const quietMs = 60_000;

/**
 * Logs what OpenTelemetry complains of.
 *
 * @returns `complain` logs likewise, `stop` ends all of it
 */
export function logTracingProblems(log: Log): {
    complain: (problem: string) => void;
    stop: () => void;
} {
    let quietUntil = -Infinity;
    const complain = (problem: string): void => {
        const now = performance.now();
        if (now >= quietUntil) {
            quietUntil = now + quietMs;
            log("warn", "tracing", { problem: readMessage(problem) });
        }
    };
    const ignore = (): void => undefined;
    diag.setLogger(
        { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
        { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    return { complain, stop: () => diag.disable() };
}

/** The message of an error that OpenTelemetry put into JSON with its stack. */
function readMessage(problem: string): string {
    try {
        const { message, code } = JSON.parse(problem) as { message?: string; code?: string };
        return message ?? code ?? problem;
    } catch {
        return problem;
    }
}
