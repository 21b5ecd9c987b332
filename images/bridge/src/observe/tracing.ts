import type { Log } from "../log/log.ts";
import type { CallTracer } from "./callTracer.ts";
import { readTracingSettings } from "./tracingSettings.ts";

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
