const newline = 0x0a;
/** Bytes kept of each end of a line that is too long; enough for its `id`, whichever end carries it. */
export const excerptBytes = 256;

export interface LineHandlers {
    /** One line without its end. */
    onLine(line: Buffer): void;
    /** A line was longer than the limit and is gone; its first and last bytes are left to tell whose it was. */
    onOversize(head: string, tail: string): void;
}

/**
 * Cuts a byte stream into lines. Only the new chunk is searched and chunks are joined once, so the cost of a line is
 * linear in its length however many chunks it comes in.
 */
export class LineSplitter {
    private readonly limit: number;
    private readonly handlers: LineHandlers;
    private chunks: Buffer[] = [];
    private bytes = 0;
    private head: string | undefined;
    private tail = Buffer.alloc(0);

    /** @param limit longest line passed on, in bytes */
    constructor(limit: number, handlers: LineHandlers) {
        this.limit = limit;
        this.handlers = handlers;
    }

    /** Takes the next bytes of the stream. */
    push(chunk: Buffer): void {
        let start = 0;
        for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
            this.add(chunk.subarray(start, end));
            this.finishLine();
            start = end + 1;
        }
        if (start < chunk.length) {
            this.add(chunk.subarray(start));
        }
    }

    private add(piece: Buffer): void {
        if (this.head !== undefined) {
            this.keepTail(piece);
            return;
        }
        this.chunks.push(piece);
        this.bytes += piece.length;
        if (this.bytes > this.limit) {
            const line = Buffer.concat(this.chunks, this.bytes);
            this.head = line.toString("utf8", 0, excerptBytes);
            this.keepTail(line);
            this.chunks = [];
            this.bytes = 0;
        }
    }

    private keepTail(piece: Buffer): void {
        this.tail = Buffer.concat([this.tail, piece.subarray(-excerptBytes)]).subarray(
            -excerptBytes,
        );
    }

    private finishLine(): void {
        if (this.head !== undefined) {
            this.handlers.onOversize(this.head, this.tail.toString("utf8"));
            this.head = undefined;
            this.tail = Buffer.alloc(0);
            return;
        }
        const [only] = this.chunks;
        const line =
            this.chunks.length === 1 && only ? only : Buffer.concat(this.chunks, this.bytes);
        this.chunks = [];
        this.bytes = 0;
        this.handlers.onLine(line);
    }
}
