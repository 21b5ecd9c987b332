import { isObject, type JsonObject } from "../json/jsonRpc.ts";

/** Reads the JSON-RPC messages of an answer, which is one of them or a stream of events. */
export async function* readMessages(response: Response): AsyncGenerator<JsonObject> {
    const type = response.headers.get("content-type") ?? "";
    if (type.startsWith("application/json")) {
        const value: unknown = await response.json();
        if (isObject(value)) yield value;
    } else if (type.startsWith("text/event-stream") && response.body !== null) {
        for await (const data of readEvents(response.body)) {
            const value: unknown = JSON.parse(data);
            if (isObject(value)) yield value;
        }
    } else {
        // An open answer would keep its connection.
        await response.body?.cancel();
    }
}

/** The data of each event that has some. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    let data: string[] = [];
    let rest = "";
    for await (const chunk of body) {
        rest += decoder.decode(chunk, { stream: true });
        const lines = rest.split(/\r\n|\n|\r(?!$)/);
        rest = lines.pop() ?? "";
        for (const line of lines) {
            if (line.startsWith("data:")) {
                data.push(line.slice(line[5] === " " ? 6 : 5));
            } else if (line === "" && data.length > 0) {
                const text = data.join("\n");
                data = [];
                if (text !== "") yield text;
            }
        }
    }
}
