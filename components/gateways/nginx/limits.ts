import { gatewayDefaults } from "../defaults.ts";
import { type Directive, directive } from "./directive.ts";
import type { ResolvedRoute } from "./settings.ts";

/** A caller of a server; each gateway pod counts on its own. */
const caller = "$slipway_server:$slipway_client:$slipway_subject";

/** Memory of a zone: about 40,000 callers; the one that called longest ago is forgotten first. */
const zoneSize = "8m";

/** Pages that one address may read at a time, and that all may read of one server; they take no token. */
const openPages = { perAddress: 20, perServer: 100 };

/** Zones of all limits: one for each rate, whichever servers have it. */
export function buildLimitZones(routes: ResolvedRoute[]): Directive[] {
    const rates = [...new Set(routes.map(({ limits }) => limits.requestsPerSecond))];
    return [
        directive("limit_req_status", 429),
        // The log of calls has them.
        directive("limit_req_log_level", "info"),
        directive("limit_conn_log_level", "info"),
        directive("limit_conn_status", 429),
        ...rates.map((rate) =>
            directive(
                "limit_req_zone",
                caller,
                `zone=calls-${rate}:${zoneSize}`,
                `rate=${rate}r/s`,
            ),
        ),
        directive("limit_conn_zone", caller, `zone=concurrent-calls:${zoneSize}`),
        directive("limit_conn_zone", "$slipway_server:$remote_addr", `zone=readers:${zoneSize}`),
        directive("limit_conn_zone", "$slipway_server", "zone=pages:1m"),
    ];
}

/** Rate and concurrency of one caller. */
export function buildCallLimits({ limits }: ResolvedRoute): Directive[] {
    const { concurrentCalls = gatewayDefaults.concurrentCalls } = limits;
    return [limitRate(limits), directive("limit_conn", "concurrent-calls", concurrentCalls)];
}

/** Rate and concurrency of all callers without token. */
export function buildOpenLimits({ limits }: ResolvedRoute): Directive[] {
    return [
        limitRate(limits),
        directive("limit_conn", "readers", openPages.perAddress),
        directive("limit_conn", "pages", openPages.perServer),
    ];
}

function limitRate({ requestsPerSecond, burst }: ResolvedRoute["limits"]): Directive {
    return directive("limit_req", `zone=calls-${requestsPerSecond}`, `burst=${burst}`, "nodelay");
}
