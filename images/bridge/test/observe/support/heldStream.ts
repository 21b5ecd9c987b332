import { Writable } from "node:stream";

/** A stream whose reader can stay away. */
export interface HeldStream {
    stream: Writable;
    /** What was written, write by write. */
    writes: string[];
    /** Takes no further write until released. */
    hold: () => void;
    release: () => void;
    /** Events of every line written so far. */
    events: () => Record<string, unknown>[];
}

export function createHeldStream(): HeldStream {
    const writes: string[] = [];
    let held = false;
    let resume: (() => void) | undefined;
    const stream = new Writable({
        decodeStrings: false,
        write(chunk: string, _encoding, done) {
            writes.push(chunk);
            if (held) {
                resume = done;
            } else {
                done();
            }
        },
    });
    return {
        stream,
        writes,
        hold: () => {
            held = true;
        },
        release: () => {
            held = false;
            resume?.();
        },
        events: () =>
            writes
                .join("")
                .split("\n")
                .slice(0, -1)
                .map((line) => JSON.parse(line)),
    };
}
