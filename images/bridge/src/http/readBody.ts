import type { IncomingMessage } from "node:http";

/**
 * Reads a whole request body.
 *
 * @param limit largest body, in bytes
 * @param done called once with the body, or with undefined when it is larger; never for a client that goes away first
 */
export function readBody(
    request: IncomingMessage,
    limit: number,
    done: (body: Buffer | undefined) => void,
): void {
    if (Number(request.headers["content-length"] ?? 0) > limit) {
        done(undefined);
        return;
    }
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let bytes = 0;
    const refuse = (): void => {
        request.off("data", take).off("end", finish).resume();
        done(undefined);
    };
    const take = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes > limit) {
            refuse();
        } else if (first === undefined) {
            first = chunk;
        } else {
            (chunks ??= [first]).push(chunk);
        }
    };
    const finish = (): void => {
        done(chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, bytes));
    };
    // Reading at once, and not with the next tick, gets what the parser holds without its being kept in between.
    request.on("data", take).on("end", finish).read(0);
}
