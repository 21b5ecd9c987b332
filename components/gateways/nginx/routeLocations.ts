import { gatewayOwnedHeaders } from "../cors.ts";
import { resourceMetadataPath } from "../gateway.ts";
import { identityHeaders, misleadingHeaders } from "../headers.ts";
import { buildPreflight } from "./cors.ts";
import { block, type Directive, directive } from "./directive.ts";
import type { ResolvedRoute } from "./settings.ts";
import { buildVerdictReuse } from "./verdicts.ts";

/** Upstream of the token verifier; distinct from every server, whose names have no `_`. */
export const verifierUpstream = "token_verifier";

/** Maps host and path to their server; everything that depends on the server follows from it. */
export function buildServerMap(routes: ResolvedRoute[]): Directive {
    const paths = routes.flatMap((route) => [
        directive(
            `~^${escapeDots(route.host)}${pathPattern(route, allPaths(route))}`,
            route.server,
        ),
        directive(route.host + resourceMetadataPath(route.resource), route.server),
    ]);
    return block(
        ["map", "$server_name$uri", "$slipway_asked_server"],
        [directive("default", ""), ...paths],
    );
}

/**
 * What the locations of all servers inherit: the verifier's answer, and the headers of requests and answers. A location
 * that sets one header for itself inherits none of them. For 100 routes it is half a megabyte less than in each location.
 */
export function buildForwarding(publicPort: number, behindProxy: boolean): Directive[] {
    const answers = {
        $slipway_subject: "$upstream_http_x_auth_subject",
        $slipway_client: "$upstream_http_x_auth_client",
        $slipway_scopes: "$upstream_http_x_auth_scopes",
        $slipway_challenge: "$upstream_http_www_authenticate",
    };
    return [
        directive("set", "$slipway_prefix", ""),
        ...Object.entries(answers).map(([name, value]) =>
            directive("auth_request_set", name, value),
        ),
        ...buildServerHeaders(publicPort, behindProxy),
        ...gatewayOwnedHeaders.map((name) => directive("proxy_hide_header", name)),
    ];
}

/** Locations of one server: token check, limits, forwarding, RFC 9728 document. */
export function buildRouteLocations(route: ResolvedRoute): Directive[] {
    return [
        buildPublicLocation(route),
        ...(route.openPaths.length === 0 ? [] : [buildOpenLocation(route)]),
        buildServerLocation(route),
        buildVerifyLocation(route),
        buildMetadataLocation(route),
    ];
}

/** Requires a token, then continues in the server location: limits count per caller, and NGINX applies them first. */
function buildPublicLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", "~", `^${pathPattern(route, route.publicPaths)}`],
        [
            buildPreflight(),
            directive("client_max_body_size", `${route.limits.bodyMebibytes}m`),
            directive("auth_request", verifyPath(route)),
            ...forward(route),
        ],
    );
}

/** Requires no token; the server sees an anonymous caller. */
function buildOpenLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", "~", `^${pathPattern(route, route.openPaths)}`],
        [buildPreflight(), directive("client_max_body_size", "1k"), ...forward(route)],
    );
}

function forward({ server }: ResolvedRoute): Directive[] {
    return [directive("root", "/var/empty"), directive("try_files", "/.none", `@server-${server}`)];
}

function buildServerLocation(route: ResolvedRoute): Directive {
    const { server, prefix, stripPrefix, limits } = route;
    const path = stripPrefix ? `^${escapeDots(prefix)}(/.*)$` : "^(/.*)$";
    return block(
        ["location", `@server-${server}`],
        [
            directive("client_max_body_size", `${limits.bodyMebibytes}m`),
            directive("limit_req", `zone=calls-${server}`, `burst=${limits.burst}`, "nodelay"),
            // Before the rewrite, which ends the statements of its kind.
            directive("set", "$slipway_prefix", stripPrefix ? prefix : ""),
            // Always rewritten, so that the server sees the normalized path that was matched.
            directive("rewrite", path, "$1", "break"),
            directive("proxy_pass", `http://${server}`),
        ],
    );
}

/**
 * Headers for the server: caller as verified, public address and request id. The token is removed, as the MCP
 * specification forbids passing it on.
 */
function buildServerHeaders(publicPort: number, behindProxy: boolean): Directive[] {
    const told = {
        Host: "$http_host",
        Connection: "",
        Authorization: "",
        "X-Auth-Subject": "$slipway_subject",
        "X-Auth-Client": "$slipway_client",
        "X-Auth-Scopes": "$slipway_scopes",
        "X-Request-Id": "$slipway_request_id",
        "X-Real-Ip": "$remote_addr",
        // At the edge, addresses that a client claims are dropped; only a proxy is believed.
        "X-Forwarded-For": behindProxy ? "$proxy_add_x_forwarded_for" : "$remote_addr",
        "X-Forwarded-Host": "$http_host",
        "X-Forwarded-Port": String(publicPort),
        "X-Forwarded-Prefix": "$slipway_prefix",
        "X-Forwarded-Proto": "https",
    };
    const removed = [...identityHeaders, ...misleadingHeaders];
    return [
        ...Object.entries(told).map(([name, value]) => directive("proxy_set_header", name, value)),
        ...removed.map((name) => directive("proxy_set_header", name, "")),
    ];
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
            // The size of the body was checked in the public location; the verifier does not need it.
            directive("client_max_body_size", 0),
            directive("proxy_pass_request_body", "off"),
            directive("proxy_pass_request_headers", "off"),
            ...Object.entries(headers).map(([name, value]) =>
                directive("proxy_set_header", name, value),
            ),
            directive("proxy_read_timeout", "5s"),
            directive("proxy_next_upstream", "error", "timeout", "http_502", "http_503"),
            ...buildVerdictReuse(),
            directive("proxy_pass", `http://${verifierUpstream}/verify/${route.server}`),
        ],
    );
}

/** Public by design: it names the authorization server. */
function buildMetadataLocation({ server, resource }: ResolvedRoute): Directive {
    const headers = { Host: "$http_host", Connection: "", Authorization: "", Cookie: "" };
    return block(
        ["location", "=", resourceMetadataPath(resource)],
        [
            buildPreflight(),
            ...Object.entries(headers).map(([name, value]) =>
                directive("proxy_set_header", name, value),
            ),
            directive("proxy_read_timeout", "5s"),
            directive("proxy_pass", `http://${verifierUpstream}/metadata/${server}`),
        ],
    );
}

function verifyPath({ server }: ResolvedRoute): string {
    return `/_verify/${server}`;
}

function allPaths({ publicPaths, openPaths }: ResolvedRoute): string[] {
    return [...publicPaths, ...openPaths];
}

/** Matches the paths of a route and everything below them, but not longer names with the same start. */
function pathPattern({ prefix }: ResolvedRoute, paths: string[]): string {
    const escaped = paths.map((path) => escapeDots(prefix + path));
    return `(?:${escaped.join("|")})(?:/|$)`;
}

function escapeDots(text: string): string {
    return text.replaceAll(".", "[.]");
}
