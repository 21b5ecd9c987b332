import type { IncomingHttpHeaders } from "node:http";
import type { CallOutcome, CallRecord, TraceMeta } from "../calls/callRecord.ts";
import type { JsonObject } from "../json/jsonRpc.ts";

/** Makes a span of every call. */
export interface CallTracer {
    /**
     * Starts the span of a call, below the context in the client's `_meta` or, without one, in the HTTP request.
     *
     * @returns the span's own context, for the `_meta` the server gets
     */
    begin(
        record: CallRecord,
        headers: IncomingHttpHeaders,
        meta: JsonObject | undefined,
    ): TraceMeta;
    /**
     * Ends the span.
     *
     * @returns id of its trace; undefined when the call had none
     */
    end(
        record: CallRecord,
        outcome: CallOutcome,
        milliseconds: number,
        code: number | undefined,
    ): string | undefined;
    /**
     * Sends what was not sent yet.
     *
     * @param withinMs gives up after so many milliseconds
     * @default 5000
     */
    close(withinMs?: number): Promise<void>;
}
