import { corsMethods, exposedHeaders, preflightSeconds, requestHeaders } from "../cors.ts";
import type { Route } from "../route.ts";
import { block, type Directive, directive } from "./directive.ts";

/** Maps the request to preflight headers; they stay empty, and are not sent, for other requests. */
export function buildCorsMaps(): Directive[] {
    return [
        block(
            ["map", "$request_method", "$slipway_preflight_methods"],
            [directive("default", ""), directive("OPTIONS", corsMethods.join(", "))],
        ),
        block(
            ["map", "$request_method", "$slipway_preflight_age"],
            [directive("default", ""), directive("OPTIONS", preflightSeconds)],
        ),
        // Other names are granted as requested: `Mcp-Param-…` cannot be listed.
        block(
            [
                "map",
                "$request_method:$http_access_control_request_headers",
                "$slipway_preflight_headers",
            ],
            [
                directive("default", ""),
                directive("OPTIONS:", requestHeaders.join(", ")),
                directive(
                    "~^OPTIONS:(?<slipway_asked>[A-Za-z0-9-]+(, ?[A-Za-z0-9-]+)*)$",
                    `${requestHeaders.join(", ")}, $slipway_asked`,
                ),
            ],
        ),
    ];
}

/** Maps server and origin of a request to the origin that is allowed. */
export function buildOriginMap(routes: Pick<Route, "server" | "cors">[]): Directive {
    const granted = routes.flatMap(({ server, cors: { origins } }) =>
        // NGINX refuses a map with a repeated key.
        [...new Set(origins)].map((origin) =>
            origin === "*"
                ? directive(`~^${server}:.`, "*")
                : directive(`${server}:${origin}`, origin),
        ),
    );
    return block(
        ["map", "$slipway_server:$http_origin", "$slipway_origin"],
        [directive("default", ""), ...granted],
    );
}

/** Headers of every response, errors included: without them a browser hides even the status from the page. */
export function buildCorsHeaders(): Directive[] {
    const headers = {
        "Access-Control-Allow-Origin": "$slipway_origin",
        "Access-Control-Allow-Methods": "$slipway_preflight_methods",
        "Access-Control-Allow-Headers": "$slipway_preflight_headers",
        "Access-Control-Max-Age": "$slipway_preflight_age",
        "Access-Control-Expose-Headers": exposedHeaders.join(", "),
        Vary: "Origin",
    };
    return Object.entries(headers).map(([name, value]) =>
        directive("add_header", name, value, "always"),
    );
}

/** Answers a preflight before the token check: browsers send no token with it. */
export function buildPreflight(): Directive {
    return block(["if", "($request_method", "=", "OPTIONS)"], [directive("return", 204)]);
}
