import type { Writable } from "node:stream";
import { createLineWriter, type LineWriter } from "./lineWriter.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

type Fields = Record<string, unknown>;

/**
 * Writes one event with its fields, which must not change any more. Never given a message body, a token or a variable's
 * value.
 */
export type Log = (level: LogLevel, event: string, fields?: Fields) => void;

const writers = new Map<Writable, LineWriter>();

/**
 * A log of JSON lines on stderr: stdout belongs to nobody here. Warnings and errors are written at once; other lines wait
 * up to 100 ms to be written together, and are the first to be dropped when nobody reads.
 *
 * @param program name of the program, a field of every line
 * @param least events below this level are left out
 * @param stream where to write instead of stderr
 */
export function createLog(
    program: string,
    least: LogLevel = "info",
    stream: Writable = process.stderr,
): Log {
    const head = `,"program":${JSON.stringify(program)},"event":`;
    const build = (time: number, level: LogLevel, event: string, fields?: Fields): string => {
        const members = fields === undefined ? "{}" : JSON.stringify(fields);
        const tail = members === "{}" ? "}\n" : `,${members.slice(1)}\n`;
        return `{"time":"${formatTime(time)}","level":"${level}"${head}${JSON.stringify(event)}${tail}`;
    };
    const writer = openWriter(stream, (lines) =>
        build(Date.now(), "warn", "log lines dropped", { lines }),
    );
    const leastRank = ranks[least];
    return (level, event, fields) => {
        const rank = ranks[level];
        if (rank >= leastRank) {
            const time = Date.now();
            writer.add(() => build(time, level, event, fields), rank >= ranks.warn);
        }
    };
}

/** Writes the lines of every log that still wait. Happens by itself when the process exits. */
export function flush(): void {
    for (const writer of writers.values()) {
        writer.flush();
    }
}

/** Logs of one stream share a writer, which keeps their lines in order. */
function openWriter(stream: Writable, describeLoss: (lines: number) => string): LineWriter {
    const open = writers.get(stream);
    if (open !== undefined) {
        return open;
    }
    if (writers.size === 0) {
        process.once("exit", flush);
    }
    const writer = createLineWriter(stream, describeLoss);
    writers.set(stream, writer);
    return writer;
}

let millisecond = 0;
let time = "";

/** A time in ISO 8601, formatted once a millisecond. */
function formatTime(now: number): string {
    if (now !== millisecond) {
        millisecond = now;
        time = new Date(now).toISOString();
    }
    return time;
}
