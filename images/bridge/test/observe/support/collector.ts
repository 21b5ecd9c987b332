import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { bytesIn, messagesIn, numberIn, readMessage, type Fields } from "./protobuf.ts";

/** A span as a collector gets it. */
export interface ReceivedSpan {
    /** Attributes of the resource. */
    resource: Record<string, string>;
    traceId: string;
    spanId: string;
    parentSpanId: string;
    traceState: string;
    name: string;
    /** 2 is SERVER. */
    kind: number;
    startMs: number;
    endMs: number;
    attributes: Record<string, string>;
    /** Trace and span ids of its links. */
    links: string[];
    /** 2 is ERROR. */
    status: number;
}

/** An OTLP collector over HTTP that keeps what it is sent. */
export interface Collector {
    url: string;
    spans: ReceivedSpan[];
    /** Path, content type and authorization of every request. */
    requests: (string | undefined)[][];
    /** Answers 400 from now on, which a client must not try again. */
    refuse(): void;
    /** Answers nothing from now on. */
    stall(): void;
    close(): Promise<void>;
}

/** Field numbers are those of `opentelemetry/proto/trace/v1/trace.proto`. */
export async function startCollector(): Promise<Collector> {
    const spans: ReceivedSpan[] = [];
    const requests: Collector["requests"] = [];
    let refusing = false;
    let stalled = false;
    const server = createServer((request, response) => {
        void buffer(request).then((body) => {
            const { "content-type": type, authorization } = request.headers;
            requests.push([request.url, type, authorization]);
            for (const resourceSpans of messagesIn(readMessage(body), 1)) {
                const [holder] = messagesIn(resourceSpans, 1);
                const resource = holder === undefined ? {} : readAttributes(holder, 1);
                for (const scope of messagesIn(resourceSpans, 2)) {
                    spans.push(...messagesIn(scope, 2).map((span) => readSpan(span, resource)));
                }
            }
            if (!stalled) {
                response.writeHead(refusing ? 400 : 200).end();
            }
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        spans,
        requests,
        refuse: () => {
            refusing = true;
        },
        stall: () => {
            stalled = true;
        },
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

function readSpan(span: Fields, resource: Record<string, string>): ReceivedSpan {
    const [status] = messagesIn(span, 15);
    return {
        resource,
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        traceState: text(span, 3),
        parentSpanId: hex(span, 4),
        name: text(span, 5),
        kind: Number(numberIn(span, 6)),
        startMs: Number(numberIn(span, 7)) / 1e6,
        endMs: Number(numberIn(span, 8)) / 1e6,
        attributes: readAttributes(span, 9),
        links: messagesIn(span, 13).map((link) => `${hex(link, 1)}-${hex(link, 2)}`),
        status: status === undefined ? 0 : Number(numberIn(status, 3)),
    };
}

function readAttributes(holder: Fields, number: number): Record<string, string> {
    const pairs = messagesIn(holder, number).map((pair) => {
        const [value] = messagesIn(pair, 2);
        return [text(pair, 1), value === undefined ? "" : text(value, 1)] as const;
    });
    return Object.fromEntries(pairs);
}

function hex(fields: Fields, number: number): string {
    return bytesIn(fields, number)[0]?.toString("hex") ?? "";
}

function text(fields: Fields, number: number): string {
    return bytesIn(fields, number)[0]?.toString("utf8") ?? "";
}
