import { corsMethods, exposedHeaders, preflightSeconds, requestHeaders } from "../cors.ts";
import { block, type Directive, directive } from "./directive.ts";
import { buildMap, type RouteClass } from "./routing.ts";

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

/** Maps class and origin of a request to the origin that is allowed. */
export function buildOriginMaps(classes: RouteClass[]): Directive[] {
    const open = classes.filter(({ route }) => route.cors.origins.includes("*"));
    const listed = classes
        .filter((one) => !open.includes(one))
        // NGINX refuses a map with a repeated key.
        .flatMap(({ name, route }) => [...new Set(route.cors.origins)].map((one) => [name, one]));
    return [
        buildMap(
            "$slipway_class",
            "$slipway_open_origin",
            "",
            open.map(({ name }) => [name, "*"]),
        ),
        buildMap("$slipway_class:$http_origin", "$slipway_origin", "$slipway_open_origin", [
            ...listed.map(([name, origin = ""]) => [`${name}:${origin}`, origin]),
            // Without an origin there is nothing to allow.
            ...open.map(({ name }) => [`${name}:`, ""]),
        ]),
    ];
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
