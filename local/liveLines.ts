import { createLogUpdate } from "log-update";

/** Whether standard output is a terminal that can redraw lines and is not recorded as a log. */
export function canRedraw(): boolean {
    return process.stdout.isTTY && process.env["TERM"] !== "dumb" && !("CI" in process.env);
}

type Write = (chunk: string | Uint8Array, ...options: unknown[]) => boolean;

const redrawMs = 1000;

const shown = new Set<() => string>();
let display: { draw: () => void; close: () => void } | undefined;

/**
 * Shows a line, or several, at the bottom of the terminal and refreshes it every second. Returns a function that removes it.
 *
 * Other output of the process is printed above such lines.
 */
export function showLine(read: () => string): () => void {
    shown.add(read);
    display ??= openDisplay();
    display.draw();
    return () => {
        shown.delete(read);
        if (shown.size > 0) return display?.draw();
        display?.close();
        display = undefined;
    };
}

function openDisplay(): NonNullable<typeof display> {
    const { stdout, stderr } = process;
    const streams = stderr.isTTY ? [stdout, stderr] : [stdout];
    const originals = streams.map((stream) => Reflect.get(stream, "write") as Write);
    // A terminal of unknown size reports 0 columns.
    const terminal = Object.create(stdout, {
        columns: { get: () => stdout.columns || 80 },
        rows: { get: () => stdout.rows || 24 },
        write: { value: stdout.write.bind(stdout) },
    }) as NodeJS.WriteStream;
    // A hidden cursor would stay hidden after SIGKILL.
    const update = createLogUpdate(terminal, { showCursor: true });
    let atLineStart = true;
    const draw = () => {
        // Does not draw over an unfinished line of other output.
        if (atLineStart)
            update(
                [...shown]
                    .flatMap((read) => read().split("\n"))
                    .map((line) => fit(line, terminal))
                    .join("\n"),
            );
    };
    streams.forEach((stream, index) => {
        const write = originals[index]!.bind(stream);
        stream.write = (...args: Parameters<Write>) => {
            update.clear();
            const [chunk] = args;
            if (chunk.length > 0) atLineStart = [10, "\n"].includes(chunk.at(-1)!);
            const result = write(...args);
            draw();
            return result;
        };
    });
    const timer = setInterval(draw, redrawMs);
    const close = () => {
        clearInterval(timer);
        streams.forEach((stream, index) => (stream.write = originals[index]!));
        update.clear();
    };
    return { draw, close };
}

function fit(line: string, { columns }: NodeJS.WriteStream): string {
    return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}
