import type { JsonObject } from "../json/jsonRpc.ts";
import type { Text } from "../json/text.ts";

/** Where the answer to one request goes. */
export interface Reply {
    /** Sends what precedes the answer. Lost on a client that takes no stream or does not read it. */
    notify(message: JsonObject): void;
    /**
     * Sends the answer, once; later ones are dropped.
     *
     * @param text the JSON-RPC response
     * @param status HTTP status, which counts only when no stream was opened
     */
    finish(text: Text, status: number): void;
    /** Adds headers, names and values in turn, to an answer that was not begun. */
    addHeaders(headers: readonly string[]): void;
    /** Whether the answer was sent, or can no longer be. */
    readonly over: boolean;
}
