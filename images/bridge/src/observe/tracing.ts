import type { IncomingHttpHeaders } from "node:http";
import type { CallOutcome, CallRecord } from "../calls/callRecord.ts";
import type { JsonObject } from "../jsonRpc.ts";
import type { Log } from "../log.ts";
import { readTracingSettings } from "./tracingSettings.ts";
import type { TraceMeta } from "../calls/callRecord.ts";

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

/**
 * Traces by OpenTelemetry, when its standard variables name an endpoint. Its libraries are loaded only then: they take
 * 2 MB, and 6 µs a call.
 *
 * @param server name of the server, the service's name unless OTEL_SERVICE_NAME gives another
 * @throws when a variable asks for what the bridge does not have
 */
export async function createTracer(server: string, log: Log): Promise<CallTracer | undefined> {
    const settings = readTracingSettings(process.env);
    if (settings === undefined) {
        return undefined;
    }
    const { startTracing } = await import("./openTelemetry.ts");
    return startTracing(server, settings, log);
}
