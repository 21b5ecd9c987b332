import { request, type IncomingHttpHeaders } from "node:http";

/** A message as a test looks at it: each property may be there. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Message = any;

/** A stream of events as it comes, read only as fast as the test wants. */
export interface EventStream {
    status: number;
    headers: IncomingHttpHeaders;
    /** All that was read, as it came. */
    text(): string;
    /** Messages read so far, in order. */
    messages(): Message[];
    /** Names of the events read so far. */
    ids(): string[];
    /** Stops reading: the system's buffers fill, then the sender's. */
    pause(): void;
    resume(): void;
    /** Goes without a word. */
    leave(): void;
    /** Resolves when the other side ended it. */
    ended: Promise<void>;
}

interface StreamOptions {
    method?: string;
    headers?: Record<string, string>;
    /** Read nothing until `resume`. */
    paused?: boolean;
}

/** Opens a stream: by POST of a message, or by GET without one. Resolves with the head of the answer. */
export function openStream(
    url: string,
    message?: unknown,
    { headers = {}, paused = false }: StreamOptions = {},
): Promise<EventStream> {
    return new Promise((resolve, reject) => {
        const outgoing = request(url, {
            method: message === undefined ? "GET" : "POST",
            agent: false,
            headers: {
                "content-type": "application/json",
                accept: "application/json, text/event-stream",
                ...headers,
            },
        });
        outgoing.once("error", reject);
        outgoing.once("response", (incoming) => {
            let text = "";
            incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
            incoming.on("error", () => undefined);
            if (paused) {
                incoming.pause();
            }
            const find = (field: RegExp) =>
                [...text.matchAll(field)].map(([, found]) => found ?? "");
            resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                text: () => text,
                messages: () => find(/^data: (.+)\n\n/gm).map((data) => JSON.parse(data)),
                ids: () => find(/^id: (.*)$/gm),
                pause: () => incoming.pause(),
                resume: () => void incoming.resume(),
                leave: () => outgoing.destroy(),
                ended: new Promise((end) => incoming.once("close", end)),
            });
        });
        outgoing.end(message === undefined ? undefined : JSON.stringify(message));
    });
}
