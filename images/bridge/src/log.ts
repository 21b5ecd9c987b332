export type LogLevel = "debug" | "info" | "warn" | "error";

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one event with its fields. Never given a message body, a token or a variable's value. */
export type Log = (level: LogLevel, event: string, fields?: Record<string, unknown>) => void;

/**
 * A log of JSON lines on stderr: stdout belongs to nobody here, and stderr is never buffered by line.
 *
 * @param program name of the program, a field of every line
 * @param least events below this level are left out
 */
export function createLog(program: string, least: LogLevel = "info"): Log {
    return (level, event, fields = {}) => {
        if (ranks[level] < ranks[least]) {
            return;
        }
        const line = { time: new Date().toISOString(), level, program, event, ...fields };
        process.stderr.write(`${JSON.stringify(line)}\n`);
    };
}
