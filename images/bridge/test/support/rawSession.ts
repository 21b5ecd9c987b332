import type { JsonObject, RequestId } from "../../src/json/jsonRpc.ts";
import { EventReader } from "./eventReader.ts";
import { callTool, post, textOf, type Answered, type Message } from "./post.ts";

export interface SessionOptions {
    /** What the client says that it can be asked. */
    capabilities?: JsonObject;
    version?: string;
    /** Who calls, as a gateway in front of the bridge would say. */
    subject?: string;
}

/** A client of the era before 2026-07-28, whose every message a test sends itself. */
export class RawSession {
    readonly id: string;
    readonly url: string;
    /** Answer to `initialize`. */
    readonly opening: Message;
    private readonly own: Record<string, string>;
    private lastId = 100;

    constructor(url: string, own: Record<string, string>, id: string, opening: Message) {
        this.url = url;
        this.own = own;
        this.id = id;
        this.opening = opening;
    }

    /** The same session, as somebody else or at another replica would use it. */
    as({ url = this.url, subject }: { url?: string; subject?: string }): RawSession {
        const own = subject === undefined ? this.own : nameSubject(subject);
        return new RawSession(url, own, this.id, this.opening);
    }

    get headers(): Record<string, string> {
        return { ...this.own, "mcp-session-id": this.id };
    }

    /** Sends one message. */
    send(message: JsonObject): Promise<Answered> {
        return post(this.url, { jsonrpc: "2.0", ...message }, { headers: this.headers });
    }

    request(method: string, params: JsonObject = {}): Promise<Answered> {
        return this.send({ id: ++this.lastId, method, params });
    }

    notify(method: string, params: JsonObject = {}): Promise<Answered> {
        return this.send({ method, params });
    }

    /** Answers what the server asked. */
    answer(id: RequestId, result: JsonObject): Promise<Answered> {
        return this.send({ id, result });
    }

    call(name: string, args: JsonObject = {}, options = {}): Promise<Answered> {
        return this.send(callTool(name, args, { id: ++this.lastId, ...options }));
    }

    /** The text that a tool answers with. */
    async tell(name: string, args: JsonObject = {}): Promise<string> {
        return textOf(await this.call(name, args));
    }

    /** What the process behind the session knows. */
    async whoami(): Promise<Message> {
        return JSON.parse(await this.tell("whoami"));
    }

    /** Calls a tool and reads the answer while it comes. */
    stream(name: string, args: JsonObject = {}, options = {}): Promise<EventReader> {
        return EventReader.open(this.url, {
            method: "POST",
            headers: {
                "content-type": "application/json",
                accept: "application/json, text/event-stream",
                ...this.headers,
            },
            body: JSON.stringify(callTool(name, args, { id: ++this.lastId, ...options })),
        });
    }

    /** Opens the stream of what answers no request, or goes on with any other. */
    listen(lastEventId?: string): Promise<EventReader> {
        const last = lastEventId !== undefined && { "last-event-id": lastEventId };
        return EventReader.open(this.url, {
            headers: { accept: "text/event-stream", ...this.headers, ...last },
        });
    }

    /** Says goodbye; gives the status. */
    async end(): Promise<number> {
        const { status } = await fetch(this.url, { method: "DELETE", headers: this.headers });
        return status;
    }
}

function nameSubject(subject: string | undefined): Record<string, string> {
    return subject === undefined ? {} : { "x-auth-subject": subject };
}

/** Sends `initialize`. */
export function initialize(url: string, options: SessionOptions = {}): Promise<Answered> {
    const { capabilities = {}, version = "2025-11-25", subject } = options;
    const clientInfo = { name: "raw", version: "1" };
    const params = { protocolVersion: version, capabilities, clientInfo };
    const message = { jsonrpc: "2.0", id: "first", method: "initialize", params };
    return post(url, message, { headers: nameSubject(subject) });
}

/** Opens a session, as far as `notifications/initialized`. */
export async function openSession(url: string, options: SessionOptions = {}): Promise<RawSession> {
    const { headers, last, status } = await initialize(url, options);
    if (status !== 200) {
        throw new Error(`initialize was answered ${status}: ${JSON.stringify(last)}`);
    }
    const id = headers.get("mcp-session-id") ?? "";
    const session = new RawSession(url, nameSubject(options.subject), id, last);
    await session.notify("notifications/initialized");
    return session;
}
