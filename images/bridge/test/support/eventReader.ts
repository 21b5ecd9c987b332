import { until } from "./until.ts";
import type { Message } from "./post.ts";

/** One event of a stream; a primer has an id and no message. */
export interface SentEvent {
    id: string | undefined;
    message: Message;
}

/** Reads a stream of events while it comes, for tests that cut it off. */
export class EventReader {
    readonly status: number;
    readonly events: SentEvent[] = [];
    /** How the stream ended, as soon as it has. */
    ended: "properly" | "broken" | undefined;
    private readonly stop: AbortController;

    private constructor(response: Response, stop: AbortController) {
        this.status = response.status;
        this.stop = stop;
        void this.read(response);
    }

    /** Sends the request; resolves when the head of the answer is there. */
    static async open(url: string, init: RequestInit): Promise<EventReader> {
        const stop = new AbortController();
        return new EventReader(await fetch(url, { ...init, signal: stop.signal }), stop);
    }

    /** The messages so far. */
    get messages(): Message[] {
        return this.events.flatMap(({ message }) => (message === undefined ? [] : [message]));
    }

    /** Ids of the events so far. */
    get ids(): (string | undefined)[] {
        return this.events.map(({ id }) => id);
    }

    /** The first message that `matches`, as soon as it is there. */
    async find(matches: (message: Message) => boolean): Promise<Message> {
        await until(() => this.messages.some(matches));
        return this.messages.find(matches);
    }

    /** Waits until as many messages are there. */
    async count(messages: number): Promise<void> {
        await until(() => this.messages.length >= messages);
    }

    /** Waits for the end of the stream; gives how it ended. */
    async end(): Promise<"properly" | "broken" | undefined> {
        await until(() => this.ended !== undefined);
        return this.ended;
    }

    /** Cuts the connection. */
    cut(): void {
        this.stop.abort();
    }

    private async read({ body }: Response): Promise<void> {
        const decoder = new TextDecoder();
        let rest = "";
        try {
            for await (const chunk of body ?? []) {
                const texts = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n\n");
                rest = texts.pop() ?? "";
                this.events.push(...texts.map(parseEvent).filter((event) => event !== undefined));
            }
            this.ended = "properly";
        } catch {
            this.ended = "broken";
        }
    }
}

function parseEvent(text: string): SentEvent | undefined {
    const id = /^id: (.*)$/m.exec(text)?.[1];
    const content = /^data: ?(.*)$/m.exec(text)?.[1];
    if (content === undefined) {
        return undefined;
    }
    return { id, message: content === "" ? undefined : JSON.parse(content) };
}
