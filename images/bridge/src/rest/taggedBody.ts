import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** A document and the name of this version of it. */
export interface TaggedBody {
    body: Buffer;
    etag: string;
}

/** Names a document by what it says, so that all replicas name it alike. */
export function tagBody(body: Buffer): TaggedBody {
    const digest = createHash("sha256").update(body).digest("base64url");
    return { body, etag: `"${digest.slice(0, 27)}"` };
}

/** Whether the client has this version already (RFC 9110 §13.1.2). */
export function isFresh({ headers }: IncomingMessage, etag: string): boolean {
    const asked = headers["if-none-match"];
    return (
        asked !== undefined &&
        asked.split(",").some((entry) => {
            const tag = entry.trim().replace(/^W\//, "");
            return tag === etag || tag === "*";
        })
    );
}

/** Answers GET and HEAD with a document that clients may keep but have to ask about. */
export function sendTagged(
    request: IncomingMessage,
    response: ServerResponse,
    { body, etag }: TaggedBody,
    headers: Record<string, string>,
): void {
    if (isFresh(request, etag)) {
        sendUnchanged(response, etag, headers);
        return;
    }
    response.writeHead(200, { ...headers, etag, "content-length": body.length });
    response.end(body);
}

/** Answers that the client's version is the current one. */
export function sendUnchanged(
    response: ServerResponse,
    etag: string,
    headers: Record<string, string>,
): void {
    response.writeHead(304, { ...headers, etag }).end();
}
