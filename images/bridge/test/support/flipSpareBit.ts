import assert from "node:assert/strict";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The same token with a bit of its last character set that decoders ignore. */
export function flipSpareBit(token: string): string {
    const flipped = alphabet[alphabet.indexOf(token.at(-1) ?? "") ^ 1] ?? "";
    const other = token.slice(0, -1) + flipped;
    const bytes = (text: string) => Buffer.from(text.split(".")[2] ?? "", "base64url");
    assert.deepEqual(bytes(other), bytes(token));
    return other;
}
