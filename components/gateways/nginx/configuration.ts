import { createHash } from "node:crypto";

import { buildCorsHeaders, buildCorsMaps, buildOriginMaps } from "./cors.ts";
import { block, type Directive, directive, renderDirectives } from "./directive.ts";
import { buildErrorLocations, buildErrorPages, buildRetryMap } from "./errors.ts";
import { buildLimitZones } from "./limits.ts";
import { buildForwarding, buildLocations } from "./locations.ts";
import { buildRoutingMaps, classifyRoutes } from "./routing.ts";
import {
    asksForCertificates,
    loadedFiles,
    type NginxConfiguration,
    type NginxSurroundings,
} from "./settings.ts";
import { buildResolver, buildUpstreams } from "./upstreams.ts";
import { buildVerdictCache } from "./verdicts.ts";

/** Longest pause of a stream: servers send keep-alive comments far more often. */
const streamSilence = "3600s";

/** Connections of one worker, those to servers included. */
const workerConnections = 8192;

/** Stands for the revision until the rest of the file is known. */
const revisionWord = "revision-of-this-file";

/** Path at the health port with the revision that NGINX runs with. */
export const revisionPath = "/revision";

/**
 * The configuration file. Its first line, and the path `/revision` at the health port, have its revision, which changes
 * with its content. A pod adds `loadedFiles` and its addresses of DNS.
 */
export function renderNginxConfiguration(
    configuration: NginxConfiguration,
    surroundings: NginxSurroundings,
): string {
    const text = renderDirectives([
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
                ...buildBasics(configuration, surroundings),
                ...buildProxying(),
                ...buildVerdictCache(surroundings),
                ...buildMaps(configuration),
                ...buildLimitZones(configuration.routes),
                ...buildUpstreams(configuration),
                ...buildServers(configuration, surroundings),
            ],
        ),
    ]);
    const revision = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return `# ${revision}\n${text.replace(revisionWord, revision)}`;
}

/** The revision of a configuration file. */
export function revisionOf(text: string): string {
    return text.slice(2, text.indexOf("\n"));
}

/** Splits a file into parts that fit into a ConfigMap each, at ends of lines. */
export function splitFile(text: string, limit: number): string[] {
    const parts: string[] = [];
    for (let rest = text; rest !== ""; rest = rest.slice(parts.at(-1)!.length)) {
        const end = rest.length <= limit ? rest.length : rest.lastIndexOf("\n", limit - 1) + 1;
        parts.push(rest.slice(0, end));
    }
    return parts;
}

function buildBasics(
    configuration: NginxConfiguration,
    { temporary, accessLog }: NginxSurroundings,
): Directive[] {
    const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
        directive(`${kind}_temp_path`, `${temporary}/${kind}`),
    );
    // The path, not `$request_uri`: a query may contain secrets.
    const fields = {
        time: "$time_iso8601",
        requestId: "$slipway_request_id",
        server: "$slipway_server",
        method: "$request_method",
        path: "$slipway_path",
        status: "$status",
        client: "$slipway_client",
        subject: "$slipway_subject",
        bytes: "$bytes_sent",
        seconds: "$request_time",
        upstream: "$upstream_addr",
        upstreamStatus: "$upstream_status",
    };
    const keys = configuration.routes.length + configuration.hosts.length;
    return [
        ...temporaryPaths,
        buildResolver(configuration),
        directive("server_tokens", "off"),
        directive("tcp_nodelay", "on"),
        directive("variables_hash_bucket_size", 128),
        directive("map_hash_bucket_size", 512),
        directive("map_hash_max_size", Math.max(2048, 4 * keys)),
        directive("server_names_hash_bucket_size", 512),
        directive("server_names_hash_max_size", Math.max(512, 4 * configuration.hosts.length)),
        directive("proxy_headers_hash_max_size", 4096),
        directive("proxy_headers_hash_bucket_size", 128),
        directive("client_header_timeout", "30s"),
        // A token with many roles exceeds the default of 8k.
        directive("large_client_header_buffers", 4, "32k"),
        directive("client_body_buffer_size", "256k"),
        directive("keepalive_timeout", "75s"),
        // A worker that a reload ends keeps connections that were used lately until their next call has been answered.
        directive("keepalive_min_timeout", "10s"),
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
    ];
}

function buildMaps({ routes }: NginxConfiguration): Directive[] {
    return [
        block(
            ["map", "$http_x_request_id", "$slipway_request_id"],
            [
                directive("default", "$request_id"),
                directive("~^[A-Za-z0-9._:-]{1,128}$", "$http_x_request_id"),
            ],
        ),
        ...buildRoutingMaps(routes),
        ...buildOriginMaps(classifyRoutes(routes)),
        ...buildCorsMaps(),
        buildRetryMap(),
    ];
}

function buildServers(
    configuration: NginxConfiguration,
    { ports }: NginxSurroundings,
): Directive[] {
    const { hosts, behindProxy } = configuration;
    const listen = (...flags: string[]) => [
        ...(behindProxy ? [] : [directive("listen", ports.tls, "ssl", ...flags)]),
        directive("listen", ports.plain, ...flags),
        directive("http2", "on"),
    ];
    const everywhere = [
        directive("add_header", "X-Request-Id", "$slipway_request_id", "always"),
        ...buildCorsHeaders(),
        ...buildErrorPages(),
        ...buildErrorLocations(),
    ];
    return [
        ...(behindProxy ? [] : buildTls(configuration)),
        block(
            ["server"],
            [
                ...listen("default_server"),
                directive("server_name", "_"),
                ...everywhere,
                block(["location", "/"], [directive("return", 421)]),
            ],
        ),
        block(
            ["server"],
            [
                ...listen(),
                ...hosts.map((host) => directive("server_name", host)),
                ...everywhere,
                ...buildForwarding(configuration),
                ...buildLocations(configuration),
            ],
        ),
        buildHealthServer(ports.health),
    ];
}

function buildTls(configuration: NginxConfiguration): Directive[] {
    return [
        // Any certificate, from any authority or none: the token names the one that it is bound to.
        ...(asksForCertificates(configuration)
            ? [directive("ssl_verify_client", "optional_no_ca")]
            : []),
        directive("include", loadedFiles.tls),
        directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
        // Of TLS 1.2, only suites with forward secrecy and authenticated encryption.
        directive("ssl_ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20"),
        directive("ssl_session_cache", "shared:tls:2m"),
        directive("ssl_session_tickets", "off"),
    ];
}

/** For the kubelet, for Prometheus, and for tests; not behind the public Service. */
function buildHealthServer(port: number): Directive {
    return block(
        ["server"],
        [
            directive("listen", port),
            directive("access_log", "off"),
            directive("default_type", "text/plain"),
            block(["location", "=", "/healthz"], [directive("return", 200, "ok")]),
            block(["location", "=", revisionPath], [directive("return", 200, revisionWord)]),
            directive("include", loadedFiles.metrics),
            block(["location", "/"], [directive("return", 404)]),
        ],
    );
}
