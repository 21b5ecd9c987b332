import { buildCorsHeaders, buildCorsMaps, buildOriginMap } from "./cors.ts";
import { block, type Directive, directive, renderDirectives } from "./directive.ts";
import { buildErrorLocations, buildErrorPages } from "./errors.ts";
import {
    buildForwarding,
    buildRouteLocations,
    buildServerMap,
    verifierUpstream,
} from "./routeLocations.ts";
import type {
    NginxConfiguration,
    NginxSurroundings,
    PodAddresses,
    ResolvedRoute,
} from "./settings.ts";
import { buildVerdictCache } from "./verdicts.ts";

/** Longest pause of a stream: servers send keep-alive comments far more often. */
const streamSilence = "3600s";

/** Connections of one worker, those to servers included. */
const workerConnections = 8192;

/** Routes in one file: with long names and addresses they take half of the 1 MiB that a ConfigMap may hold. */
const routesPerFile = 200;

/** Splits routes into those of the main file and those of each further file. */
export function splitRoutes<R>(routes: R[]): { main: R[]; further: R[][] } {
    const groups = Array.from({ length: Math.ceil(routes.length / routesPerFile) }, (_, index) =>
        routes.slice(index * routesPerFile, (index + 1) * routesPerFile),
    );
    const [main = [], ...further] = groups;
    return { main, further };
}

/** The files of routes that are not in the main file, for a directory of their own below `routesDirectory`. */
export function renderRouteFiles(routes: ResolvedRoute[], hosts: string[]): Record<string, string> {
    const locations = hosts
        .filter((host) => routesOf(host, routes).length > 0)
        .map((host) => [
            locationsFile(host, hosts),
            renderDirectives(routesOf(host, routes).flatMap(buildRouteLocations)),
        ]);
    return {
        "upstreams.conf": renderDirectives(buildRouteUpstreams(routes)),
        ...(Object.fromEntries(locations) as Record<string, string>),
    };
}

/** File of the locations of one host; numbered, as a host may be too long for the name of a file in a ConfigMap. */
function locationsFile(host: string, hosts: string[]): string {
    return `locations-${hosts.indexOf(host) + 1}.conf`;
}

function routesOf(host: string, routes: ResolvedRoute[]): ResolvedRoute[] {
    return routes.filter((route) => route.host === host);
}

/** The main configuration file. It includes the files of `renderRouteFiles`, in directories '1', '2' and so on. */
export function renderNginxConfiguration(
    configuration: NginxConfiguration,
    surroundings: NginxSurroundings,
): string {
    return renderDirectives([
        directive("worker_processes", 2),
        // A descriptor for each connection and some for files; containers often start with 1024.
        directive("worker_rlimit_nofile", 2 * workerConnections),
        directive("worker_shutdown_timeout", `${configuration.longestCallSeconds}s`),
        directive("error_log", "stderr", "warn"),
        directive("pid", `${surroundings.temporary}/nginx.pid`),
        block(["events"], [directive("worker_connections", workerConnections)]),
        block(
            ["http"],
            [
                ...buildBasics(surroundings),
                ...buildProxying(),
                ...buildVerdictCache(surroundings),
                ...buildMaps(configuration.routes),
                ...buildUpstreams(configuration, surroundings),
                ...buildServers(configuration, surroundings),
            ],
        ),
    ]);
}

function buildBasics({ temporary, resolverFile, accessLog }: NginxSurroundings): Directive[] {
    const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
        directive(`${kind}_temp_path`, `${temporary}/${kind}`),
    );
    // `$uri`, not `$request_uri`: a query may contain secrets.
    const fields = {
        time: "$time_iso8601",
        requestId: "$slipway_request_id",
        server: "$slipway_server",
        method: "$request_method",
        path: "$uri",
        status: "$status",
        client: "$slipway_client",
        subject: "$slipway_subject",
        bytes: "$bytes_sent",
        seconds: "$request_time",
        upstream: "$upstream_addr",
        upstreamStatus: "$upstream_status",
    };
    return [
        ...temporaryPaths,
        directive("include", resolverFile),
        directive("server_tokens", "off"),
        directive("tcp_nodelay", "on"),
        directive("variables_hash_bucket_size", 128),
        directive("map_hash_bucket_size", 512),
        directive("server_names_hash_bucket_size", 512),
        directive("proxy_headers_hash_max_size", 4096),
        directive("proxy_headers_hash_bucket_size", 128),
        directive("client_header_timeout", "30s"),
        // A token with many roles exceeds the default of 8k.
        directive("large_client_header_buffers", 4, "32k"),
        directive("client_body_buffer_size", "256k"),
        directive("keepalive_timeout", "75s"),
        directive("keepalive_requests", 100000),
        directive("send_timeout", streamSilence),
        directive("log_format", "calls", "escape=json", JSON.stringify(fields)),
        directive("access_log", accessLog, "calls"),
    ];
}

function buildProxying(): Directive[] {
    return [
        directive("proxy_http_version", "1.1"),
        directive("proxy_buffering", "off"),
        directive("proxy_cache", "off"),
        directive("gzip", "off"),
        directive("proxy_connect_timeout", "2s"),
        directive("proxy_send_timeout", streamSilence),
        directive("proxy_read_timeout", streamSilence),
        // Retries another pod only before the request was sent: a POST that was sent may have had an effect.
        directive("proxy_next_upstream", "error", "timeout"),
        directive("proxy_next_upstream_tries", 3),
        directive("proxy_next_upstream_timeout", "10s"),
        directive("limit_req_status", 429),
    ];
}

function buildMaps(routes: ResolvedRoute[]): Directive[] {
    return [
        block(
            ["map", "$http_x_request_id", "$slipway_request_id"],
            [
                directive("default", "$request_id"),
                directive("~^[A-Za-z0-9._:-]{1,128}$", "$http_x_request_id"),
            ],
        ),
        buildServerMap(routes),
        buildOriginMap(routes),
        ...buildCorsMaps(),
    ];
}

function buildUpstreams(
    { routes, verifier }: NginxConfiguration,
    surroundings: NginxSurroundings,
): Directive[] {
    return [
        ...buildRouteUpstreams(splitRoutes(routes).main),
        ...splitRoutes(routes).further.map((_, index) =>
            includeRoutes(index, "upstreams.conf", surroundings),
        ),
        buildUpstream(verifierUpstream, verifier),
    ];
}

function buildRouteUpstreams(routes: ResolvedRoute[]): Directive[] {
    return routes.flatMap((route) => [
        directive(
            "limit_req_zone",
            "$slipway_client:$slipway_subject",
            `zone=calls-${route.server}:2m`,
            `rate=${route.limits.requestsPerSecond}r/s`,
        ),
        buildUpstream(route.server, route),
    ]);
}

function buildUpstream(name: string, { podsHost, serviceHost, port }: PodAddresses): Directive {
    return block(
        ["upstream", name],
        [
            directive("zone", name, "256k"),
            directive("least_conn"),
            // A pod that refuses connections is skipped until DNS no longer lists it.
            directive("server", `${podsHost}:${port}`, "resolve", "max_fails=1", "fail_timeout=3s"),
            // Used while DNS lists no pod, or only pods that no longer exist.
            directive("server", `${serviceHost}:${port}`, "resolve", "max_fails=0", "backup"),
            directive("keepalive", 64),
            // Shorter than the 5 s after which Node and uvicorn close an idle connection.
            directive("keepalive_timeout", "3s"),
        ],
    );
}

/** Includes a file of the further group with this index. */
function includeRoutes(
    index: number,
    file: string,
    { routesDirectory }: NginxSurroundings,
): Directive {
    return directive("include", `${routesDirectory}/${index + 1}/${file}`);
}

function buildServers(
    { hosts, publicPort, behindProxy, routes }: NginxConfiguration,
    surroundings: NginxSurroundings,
): Directive[] {
    const { main, further } = splitRoutes(routes);
    const { ports, certificateFile, keyFile } = surroundings;
    const listen = (...flags: string[]) => [
        ...(behindProxy ? [] : [directive("listen", ports.tls, "ssl", ...flags)]),
        directive("listen", ports.plain, ...flags),
        directive("http2", "on"),
    ];
    const everywhere = [
        ...["$slipway_subject", "$slipway_client", "$slipway_scopes", "$slipway_challenge"].map(
            (variable) => directive("set", variable, ""),
        ),
        // Kept, as removing the prefix changes `$uri`.
        directive("set", "$slipway_server", "$slipway_asked_server"),
        directive("add_header", "X-Request-Id", "$slipway_request_id", "always"),
        ...buildCorsHeaders(),
        ...buildErrorPages(),
        ...buildErrorLocations(),
    ];
    const tls = [
        directive("ssl_certificate", certificateFile),
        directive("ssl_certificate_key", keyFile),
        directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
        directive("ssl_session_cache", "shared:tls:2m"),
        directive("ssl_session_tickets", "off"),
    ];
    return [
        ...(behindProxy ? [] : tls),
        block(
            ["server"],
            [
                ...listen("default_server"),
                directive("server_name", "_"),
                ...everywhere,
                closed(421),
            ],
        ),
        ...hosts.map((host) =>
            block(
                ["server"],
                [
                    ...listen(),
                    directive("server_name", host),
                    ...everywhere,
                    ...buildForwarding(publicPort, behindProxy),
                    ...routesOf(host, main).flatMap(buildRouteLocations),
                    ...further.flatMap((group, index) =>
                        routesOf(host, group).length === 0
                            ? []
                            : includeRoutes(index, locationsFile(host, hosts), surroundings),
                    ),
                    closed(404),
                ],
            ),
        ),
        block(
            ["server"],
            [
                directive("listen", ports.health),
                directive("access_log", "off"),
                block(["location", "=", "/healthz"], [directive("return", 200, "ok")]),
                block(["location", "/"], [directive("return", 404)]),
            ],
        ),
    ];
}

function closed(status: number): Directive {
    return block(["location", "/"], [directive("return", status)]);
}
