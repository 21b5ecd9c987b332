import { isObject, type JsonObject } from "../json/jsonRpc.ts";

/** Longest fetch, in milliseconds. */
const timeout = 5000;
/** Longest document, in bytes: key sets and discovery documents have a few thousand. */
const lengthLimit = 1024 * 1024;

/**
 * Fetches a JSON object. Redirects are not followed: the address was given or vouched for by the issuer, and where it
 * leads from there was not.
 *
 * @throws with what is wrong, address included
 */
export async function fetchDocument(url: string): Promise<JsonObject> {
    try {
        const response = await fetch(url, {
            headers: { accept: "application/json" },
            redirect: "manual",
            signal: AbortSignal.timeout(timeout),
        });
        if (response.status !== 200 || response.body === null) {
            await response.body?.cancel();
            throw new Error(`must answer 200, got ${response.status}`);
        }
        const document: unknown = JSON.parse(
            await readText(response.body as AsyncIterable<Uint8Array>),
        );
        if (!isObject(document)) {
            throw new Error("must answer a JSON object");
        }
        return document;
    } catch (cause) {
        const { message } = cause as Error;
        const detail = ((cause as Error).cause as Error | undefined)?.message;
        throw new Error(`'${url}': ${message}${detail ? `: ${detail}` : ""}`, { cause });
    }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
        length += chunk.length;
        if (length > lengthLimit) {
            throw new Error(`must not be longer than ${lengthLimit} bytes`);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}
