import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { buildResponse, type Outcome, type RequestId } from "../jsonRpc.ts";
import { Answer } from "./answer.ts";

/** One POST from a client: who sent it, and the answer it waits for. */
export interface Exchange {
    headers: IncomingHttpHeaders;
    response: ServerResponse;
    answer: Answer;
    /** Who calls, as the gateway in front of the bridge says; undefined without one. */
    principal: { subject: string | undefined; client: string | undefined };
    /** The gateway's name for this request, for the log. */
    requestId: string | undefined;
    /** When the request's head had come, in milliseconds of the monotonic clock. */
    startedAt: number;
}

/** Looks at a request's head. */
export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
    const { headers } = request;
    return {
        headers,
        response,
        answer: new Answer(request, response),
        principal: {
            subject: readHeader(headers, "x-auth-subject"),
            client: readHeader(headers, "x-auth-client"),
        },
        requestId: readHeader(headers, "x-request-id"),
        startedAt: performance.now(),
    };
}

/** Answers request `id` and ends the exchange. */
export function finish(
    { answer }: Exchange,
    id: RequestId | null,
    outcome: Outcome,
    status?: number,
): void {
    answer.finish(buildResponse(id, outcome), status);
}

/** Accepts a notification or a response, which have no answer. */
export function accept({ response }: Exchange): void {
    response.writeHead(202).end();
}

/** The value of a header that may be sent once. */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
}
