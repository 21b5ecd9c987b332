import type { Writable } from "node:stream";

/** Longest time a line waits for others to be written with, in milliseconds. */
const delayMs = 100;
/**
 * Lines that wait to be built: each by itself, between all that a call takes, costs five times what it does after another
 * one, as its code and data are not in the processor's caches.
 */
const unbuiltLimit = 64;
/** Length at which lines are written without waiting: half of what a pipe of Linux holds. */
const batchLength = 32 * 1024;
/** Length of unwritten lines beyond which new ones are dropped. */
const limit = 1024 * 1024;
/** The same for urgent lines: a reader that stays away must not take all memory. */
const urgentLimit = 16 * limit;

/** Writes lines to a stream, many at once. */
export interface LineWriter {
    /**
     * Takes a line. An urgent one is written at once, with all before it.
     *
     * @param build gives the line, with its line feed; called once, when lines are written or many of them wait
     */
    add(build: () => string, urgent: boolean): void;
    /** Writes what waits. */
    flush(): void;
}

/**
 * Gathers lines so that one of them costs no system call. While the stream's reader stays away, lines beyond a limit are
 * dropped, urgent ones last, and counted in a line of their own where they are missing.
 *
 * @param describeLoss builds that line
 */
export function createLineWriter(
    stream: Writable,
    describeLoss: (lines: number) => string,
): LineWriter {
    let unbuilt: (() => string)[] = [];
    let waiting = "";
    let lost = 0;
    let timer: NodeJS.Timeout | undefined;
    // A log that nobody reads any more stops no call.
    stream.on("error", () => undefined);

    /** Builds the lines that wait for it. */
    function build(): void {
        const lines = unbuilt;
        unbuilt = [];
        for (const line of lines) {
            append(line(), false);
        }
    }

    function append(line: string, urgent: boolean): void {
        const unwritten = waiting.length + stream.writableLength + line.length;
        if (unwritten > (urgent ? urgentLimit : limit)) {
            lost++;
            return;
        }
        admitLoss();
        waiting += line;
        if (urgent || waiting.length >= batchLength) {
            write();
        }
    }

    function write(): void {
        clearTimeout(timer);
        timer = undefined;
        build();
        if (waiting !== "") {
            const lines = waiting;
            waiting = "";
            stream.write(lines, settle);
        }
    }

    function settle(): void {
        if (lost > 0 && stream.writableLength === 0) {
            flush();
        }
    }

    function admitLoss(): void {
        if (lost > 0) {
            waiting += describeLoss(lost);
            lost = 0;
        }
    }

    function flush(): void {
        admitLoss();
        write();
    }

    return {
        add(line, urgent) {
            if (urgent) {
                build();
                append(line(), true);
                return;
            }
            unbuilt.push(line);
            if (unbuilt.length >= unbuiltLimit) {
                build();
            }
            timer ??= setTimeout(write, delayMs).unref();
        },
        flush,
    };
}
