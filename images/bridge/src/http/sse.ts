import type { ServerResponse } from "node:http";

/** Headers of a stream of server-sent events that nothing in between may hold back. */
export const eventStreamHeaders = [
    "content-type",
    "text/event-stream",
    "cache-control",
    "no-cache, no-transform",
    "x-accel-buffering",
    "no",
];

/**
 * Writes one event. Without an id it cannot be asked for again.
 *
 * @param text JSON, in which a server may have put carriage returns between tokens; in a stream they would end the line
 */
export function writeEvent(response: ServerResponse, text: string, id?: string): void {
    const name = id === undefined ? "" : `id: ${id}\n`;
    const line = text.includes("\r") ? text.replaceAll("\r", " ") : text;
    response.write(`${name}event: message\ndata: ${line}\n\n`);
}

/** Writes an event without a message, whose id a client that is cut off at once can still name. */
export function writePrimer(response: ServerResponse, id: string): void {
    response.write(`id: ${id}\ndata: \n\n`);
}
