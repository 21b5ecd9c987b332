import { gatewayOwnedHeaders } from "../cors.ts";
import { identityHeaders, misleadingHeaders } from "../headers.ts";
import { buildPreflight } from "./cors.ts";
import { block, type Directive, directive } from "./directive.ts";
import { retryLocation } from "./errors.ts";
import { buildCallLimits, buildOpenLimits } from "./limits.ts";
import { nameLimits, places } from "./routing.ts";
import { asksForCertificates, type NginxConfiguration, type ResolvedRoute } from "./settings.ts";
import { verifierUpstream } from "./upstreams.ts";
import { buildVerdictReuse } from "./verdicts.ts";

/** Body that a page without token check may get: none is needed. */
const openBody = "1k";

/** Time in which a reader of an open page must take the next part of it. */
const openSendTimeout = "10s";

/** Public host and port: the one that clients use, whatever a request claims. */
function buildAuthority(publicPort: number): string {
    return publicPort === 443 ? "$host" : `$host:${publicPort}`;
}

/**
 * What all locations inherit: the verifier's answer, and the headers of requests and answers. A location that sets one
 * header for itself inherits none of them.
 */
export function buildForwarding({ publicPort, behindProxy }: NginxConfiguration): Directive[] {
    const answers = {
        $slipway_subject: "$upstream_http_x_auth_subject",
        $slipway_client: "$upstream_http_x_auth_client",
        $slipway_scopes: "$upstream_http_x_auth_scopes",
        $slipway_challenge: "$upstream_http_www_authenticate",
    };
    return [
        ...Object.entries(answers).map(([name, value]) =>
            directive("auth_request_set", name, value),
        ),
        ...buildServerHeaders(publicPort, behindProxy),
        ...gatewayOwnedHeaders.map((name) => directive("proxy_hide_header", name)),
        ...buildRedirects(buildAuthority(publicPort)),
    ];
}

/**
 * Headers for the server: caller as verified, public address and request id. The token is removed, as the MCP
 * specification forbids passing it on.
 */
function buildServerHeaders(publicPort: number, behindProxy: boolean): Directive[] {
    const told = {
        Host: buildAuthority(publicPort),
        Connection: "",
        Authorization: "",
        "X-Auth-Subject": "$slipway_subject",
        "X-Auth-Client": "$slipway_client",
        "X-Auth-Scopes": "$slipway_scopes",
        "X-Request-Id": "$slipway_request_id",
        "X-Real-Ip": "$remote_addr",
        // At the edge, addresses that a client claims are dropped; only a proxy is believed.
        "X-Forwarded-For": behindProxy ? "$proxy_add_x_forwarded_for" : "$remote_addr",
        "X-Forwarded-Host": buildAuthority(publicPort),
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

/** Redirects of servers lead to the public address: they see neither TLS nor the prefix. The first that matches is taken. */
function buildRedirects(authority: string): Directive[] {
    const target = `https://${authority}$slipway_prefix/`;
    return [`http://${authority}`, `https://${authority}`, ""].flatMap((origin) => [
        directive("proxy_redirect", `${origin}$slipway_prefix/`, target),
        directive("proxy_redirect", `${origin}/`, target),
    ]);
}

/** Locations of all servers. */
export function buildLocations(configuration: NginxConfiguration): Directive[] {
    const { routes, publicPort } = configuration;
    const limits = [...new Map(routes.map((route) => [nameLimits(route), route])).values()];
    const firstLimit = routes[0]?.limits.bodyMebibytes ?? 1;
    return [
        block(
            ["location", "/"],
            [
                // The location of a class has the limit.
                directive("client_max_body_size", 0),
                directive("rewrite", "^", "$slipway_place", "last"),
            ],
        ),
        ...limits.flatMap((route) => [buildTokenLocation(route), buildCallLocation(route)]),
        limitBody(firstLimit),
        ...routes.map((route) => buildServerLocation(route, firstLimit)),
        ...(routes.some(({ openPaths }) => openPaths.length > 0)
            ? limits.flatMap((route) => [buildOpenLocation(route), buildPageLocation(route)])
            : []),
        block(["location", retryLocation], forward()),
        buildVerifyLocation(configuration),
        buildDocumentLocation(publicPort),
        block(["location", "=", places.missing], [directive("internal"), directive("return", 404)]),
    ];
}

/** Requires a token, then continues in the call location: limits count per caller, and NGINX applies them first. */
function buildTokenLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", "=", places.token(route)],
        [
            directive("internal"),
            buildPreflight(),
            limitBody(route.limits.bodyMebibytes),
            directive("auth_request", "/_verify"),
            ...continueAt(`@call-${nameLimits(route)}`),
        ],
    );
}

function buildCallLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", `@call-${nameLimits(route)}`],
        [...buildCallLimits(route), ...continueAt(`${places.call}$slipway_server$is_args$args`)],
    );
}

/** An exact location for each server, found by binary search: a variable upstream would be searched one by one. */
function buildServerLocation({ server, limits }: ResolvedRoute, firstLimit: number): Directive {
    const { bodyMebibytes } = limits;
    return block(
        ["location", "=", places.call + server],
        [
            directive("internal"),
            ...(bodyMebibytes === firstLimit ? [] : [limitBody(bodyMebibytes)]),
            directive("rewrite", "^", "$slipway_forwarded", "break"),
            directive("proxy_pass", `http://${server}`),
        ],
    );
}

/** Requires no token; the server sees an anonymous caller. */
function buildOpenLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", "=", places.open(route)],
        [
            directive("internal"),
            buildPreflight(),
            directive("client_max_body_size", openBody),
            ...continueAt(`@page-${nameLimits(route)}`),
        ],
    );
}

/** Readers that stall hold neither the server, whose answer is buffered, nor the gateway. */
function buildPageLocation(route: ResolvedRoute): Directive {
    return block(
        ["location", `@page-${nameLimits(route)}`],
        [
            directive("client_max_body_size", openBody),
            directive("send_timeout", openSendTimeout),
            directive("proxy_buffering", "on"),
            directive("proxy_max_temp_file_size", "8m"),
            ...buildOpenLimits(route),
            ...forward(),
        ],
    );
}

function continueAt(location: string): Directive[] {
    return [directive("root", "/var/empty"), directive("try_files", "/.none", location)];
}

/** Forwards what is rare. The path is always rewritten, so that the server sees the normalized one that was matched. */
function forward(): Directive[] {
    return [
        directive("rewrite", "^", "$slipway_forwarded", "break"),
        directive("proxy_pass", "http://$slipway_server"),
    ];
}

function buildVerifyLocation(configuration: NginxConfiguration): Directive {
    const headers = {
        Host: "token-verifier",
        Connection: "",
        Authorization: "$http_authorization",
        "Content-Length": "",
        "X-Original-URI": "$request_uri",
        "X-Request-Id": "$slipway_request_id",
        // Empty, and not sent, for a client without one.
        ...(asksForCertificates(configuration)
            ? { "X-Client-Certificate": "$ssl_client_escaped_cert" }
            : {}),
    };
    return block(
        ["location", "=", "/_verify"],
        [
            directive("internal"),
            // The size of the body was checked in the token location; the verifier does not need it.
            directive("client_max_body_size", 0),
            directive("proxy_pass_request_body", "off"),
            directive("proxy_pass_request_headers", "off"),
            ...setHeaders(headers),
            directive("proxy_read_timeout", "5s"),
            // 404: a verifier that is about to stop does not know the newest server.
            directive(
                "proxy_next_upstream",
                "error",
                "timeout",
                "http_502",
                "http_503",
                "http_404",
            ),
            ...buildVerdictReuse(),
            directive("rewrite", "^", "/verify/$slipway_server", "break"),
            directive("proxy_pass", `http://${verifierUpstream}`),
        ],
    );
}

/** The RFC 9728 document. Public by design: it names the authorization server. */
function buildDocumentLocation(publicPort: number): Directive {
    const headers = {
        Host: buildAuthority(publicPort),
        Connection: "",
        Authorization: "",
        Cookie: "",
    };
    return block(
        ["location", "=", places.document],
        [
            directive("internal"),
            buildPreflight(),
            directive("client_max_body_size", openBody),
            directive("send_timeout", openSendTimeout),
            ...setHeaders(headers),
            directive("proxy_read_timeout", "5s"),
            directive("rewrite", "^", "/metadata/$slipway_server", "break"),
            directive("proxy_pass", `http://${verifierUpstream}`),
        ],
    );
}

function limitBody(mebibytes: number): Directive {
    return directive("client_max_body_size", `${mebibytes}m`);
}

function setHeaders(headers: Record<string, string>): Directive[] {
    return Object.entries(headers).map(([name, value]) =>
        directive("proxy_set_header", name, value),
    );
}
