import type { IncomingMessage } from "node:http";

/**
 * Reads a whole request body.
 *
 * @param limit largest body, in bytes
 * @returns undefined when the body is larger; the rest of it is then thrown away unread
 */
export async function readBody(
    request: IncomingMessage,
    limit: number,
): Promise<Buffer | undefined> {
    if (Number(request.headers["content-length"] ?? 0) > limit) {
        return undefined;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > limit) {
            return undefined;
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
}
