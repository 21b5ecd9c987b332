import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** The head of a request with these headers, names and values in turn, as Node shows it. */
export function requestWith(...rawHeaders: string[]): IncomingMessage {
    return requestOn({}, ...rawHeaders);
}

/** The same, on a connection that other requests came on. */
export function requestOn(socket: object, ...rawHeaders: string[]): IncomingMessage {
    const headers: IncomingHttpHeaders = {};
    for (let index = 0; index < rawHeaders.length; index += 2) {
        const name = (rawHeaders[index] ?? "").toLowerCase();
        const value = rawHeaders[index + 1] ?? "";
        const before = headers[name] as string | undefined;
        if (before === undefined) {
            headers[name] = value;
        } else if (name !== "authorization") {
            headers[name] = `${before}, ${value}`;
        }
    }
    return { headers, rawHeaders, socket } as unknown as IncomingMessage;
}
