import { connect, type Socket } from "node:net";

/** An HTTP connection below what clients show: what goes out and what comes back as text. */
export interface RawConnection {
    socket: Socket;
    /** All that came, a character a byte. */
    text: () => string;
    /** Resolves when the other side has ended it: true when that was an orderly end, false for a reset. */
    ended: Promise<boolean>;
}

/** Connects to the endpoint at `url`. */
export async function openConnection(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    const ended = new Promise<boolean>((resolve) => {
        socket.once("error", () => resolve(false));
        socket.once("end", () => resolve(true));
    });
    await new Promise((resolve) => socket.once("connect", resolve));
    return { socket, text: () => text, ended };
}

/** A POST of a JSON-RPC message as text, its length and body as `length` wants. */
export function writePost(
    message: unknown,
    { headers = {}, length }: { headers?: Record<string, string>; length?: number } = {},
): string {
    const body = JSON.stringify(message);
    const all = {
        host: "localhost",
        "content-type": "application/json",
        accept: "application/json",
        "content-length": String(length ?? Buffer.byteLength(body)),
        ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST /mcp HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** The complete answers in a text that came over a connection, in order; each of known length. */
export function readAnswers(text: string) {
    const answers: { status: number; head: string; body: string }[] = [];
    for (let at = 0; ;) {
        const end = text.indexOf("\r\n\r\n", at);
        const head = text.slice(at, end).toLowerCase();
        const length = Number(/^content-length: (\d+)/m.exec(head)?.[1] ?? 0);
        if (end === -1 || text.length < end + 4 + length) {
            return answers;
        }
        const body = Buffer.from(text.slice(end + 4, end + 4 + length), "latin1").toString("utf8");
        answers.push({ status: Number(head.slice(9, 12)), head, body });
        at = end + 4 + length;
    }
}
