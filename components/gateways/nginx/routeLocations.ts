import { resourceMetadataPath } from "../gateway.ts";
import type { ResolvedRoute } from "./configuration.ts";
import { buildPreflight, gatewayOwnedHeaders } from "./cors.ts";
import { block, type Directive, directive } from "./directive.ts";
import { buildServerHeaders } from "../headers.ts";

/** Name of the verifier's upstream; no server can have it, as their names hold no `_`. */
export const verifierUpstream = "token_verifier";

/** Which server a path belongs to; everything that differs by server follows from it. */
export function buildServerMap(routes: ResolvedRoute[]): Directive {
    const paths = routes.flatMap((route) => [
        directive(`~${pathPattern(route, allPaths(route))}`, route.server),
        directive(resourceMetadataPath(route.resource), route.server),
    ]);
    return block(["map", "$uri", "$slipway_asked_server"], [directive("default", ""), ...paths]);
}

/** What is public of one server, and the way of a call to it: token check, limits, pod. */
export function buildRouteLocations(route: ResolvedRoute, publicPort: number): Directive[] {
    return [
        buildPublicLocation(route),
        ...(route.openPaths.length === 0 ? [] : [buildOpenLocation(route)]),
        buildServerLocation(route, publicPort),
        buildVerifyLocation(route),
        buildMetadataLocation(route),
    ];
}

/** Asks for a token. The hand-over happens after that, as limits must know the caller and run before access checks. */
function buildPublicLocation(route: ResolvedRoute): Directive {
    const answers = {
        $slipway_subject: "$upstream_http_x_auth_subject",
        $slipway_client: "$upstream_http_x_auth_client",
        $slipway_scopes: "$upstream_http_x_auth_scopes",
        $slipway_challenge: "$upstream_http_www_authenticate",
    };
    return block(
        ["location", "~", pathPattern(route, route.publicPaths)],
        [
            buildPreflight(),
            directive("client_max_body_size", `${route.limits.bodyMebibytes}m`),
            directive("auth_request", verifyPath(route)),
            ...Object.entries(answers).map(([name, value]) =>
                directive("auth_request_set", name, value),
            ),
            ...handOver(route),
        ],
    );
}

/** Asks nobody: whoever comes is nobody to the server, too. */
function buildOpenLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", "~", pathPattern(route, route.openPaths)],
        [buildPreflight(), directive("client_max_body_size", "1k"), ...handOver(route)],
    );
}

function handOver({ server }: ResolvedRoute): Directive[] {
    return [directive("root", "/var/empty"), directive("try_files", "/.none", `@server-${server}`)];
}

function buildServerLocation(route: ResolvedRoute, publicPort: number): Directive {
    const { server, prefix, stripPrefix, limits } = route;
    const path = stripPrefix ? `^${escapePath(prefix)}(/.*)$` : "^(/.*)$";
    return block(
        ["location", `@server-${server}`],
        [
            directive("client_max_body_size", `${limits.bodyMebibytes}m`),
            directive("limit_req", `zone=calls-${server}`, `burst=${limits.burst}`, "nodelay"),
            // Always rewritten, so that the server sees the path that was matched and not its raw spelling.
            directive("rewrite", path, "$1", "break"),
            ...buildServerHeaders(publicPort, stripPrefix ? prefix : ""),
            ...gatewayOwnedHeaders.map((name) => directive("proxy_hide_header", name)),
            directive("proxy_pass", `http://${server}`),
        ],
    );
}

function buildVerifyLocation(route: ResolvedRoute): Directive {
    const headers = {
        Host: "token-verifier",
        Connection: "",
        Authorization: "$http_authorization",
        "Content-Length": "",
        "X-Original-URI": "$request_uri",
        "X-Request-Id": "$slipway_request_id",
    };
    return block(
        ["location", "=", verifyPath(route)],
        [
            directive("internal"),
            // The body's size was checked where the call came in, and the body itself stays there.
            directive("client_max_body_size", 0),
            directive("proxy_pass_request_body", "off"),
            directive("proxy_pass_request_headers", "off"),
            ...Object.entries(headers).map(([name, value]) =>
                directive("proxy_set_header", name, value),
            ),
            directive("proxy_read_timeout", "5s"),
            directive("proxy_next_upstream", "error", "timeout", "http_502", "http_503"),
            directive("proxy_pass", `http://${verifierUpstream}/verify/${route.server}`),
        ],
    );
}

/** Public by design: it tells clients where to get a token. */
function buildMetadataLocation({ resource }: ResolvedRoute): Directive {
    const headers = { Host: "$http_host", Connection: "", Authorization: "", Cookie: "" };
    return block(
        ["location", "=", resourceMetadataPath(resource)],
        [
            buildPreflight(),
            ...Object.entries(headers).map(([name, value]) =>
                directive("proxy_set_header", name, value),
            ),
            ...gatewayOwnedHeaders.map((name) => directive("proxy_hide_header", name)),
            directive("proxy_read_timeout", "5s"),
            directive("proxy_pass", `http://${verifierUpstream}`),
        ],
    );
}

function verifyPath({ server }: ResolvedRoute): string {
    return `/_verify/${server}`;
}

function allPaths({ publicPaths, openPaths }: ResolvedRoute): string[] {
    return [...publicPaths, ...openPaths];
}

/** The paths of a route and everything below them, but not names that only begin alike. */
function pathPattern({ prefix }: ResolvedRoute, paths: string[]): string {
    const escaped = paths.map((path) => escapePath(prefix + path));
    return `^(?:${escaped.join("|")})(?:/|$)`;
}

function escapePath(path: string): string {
    return path.replaceAll(".", "[.]");
}
