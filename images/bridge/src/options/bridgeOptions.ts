// Over 200 lines because it is a table: each option with its description, unit and default, once.
import { childLogs } from "../stdio/stderrLog.ts";
import { parseList, parseMap, parseNumber, parseWord, type Parsed } from "./parseValue.ts";

/** Whose calls one process of the server may serve. */
export const isolations = ["auto", "shared", "session", "principal", "request"] as const;
export type Isolation = (typeof isolations)[number];

/** How the bridge learns who calls. */
export const identitySources = ["token", "headers", "none"] as const;
export type IdentitySource = (typeof identitySources)[number];

/** Which revision the server is spoken to in; `auto` finds out. */
export const childProtocols = ["auto", "2025-11-25", "2026-07-28"] as const;

/** One option: its flag, the environment variable that a flag wins over, and what it means. */
interface Option<T> {
    flag: string;
    variable: string;
    /** What `--help` says, with the default where it is not obvious. */
    help: string;
    /** Reads a value; the empty text stands for the default. */
    parse: (text: string, environment: NodeJS.ProcessEnv) => Parsed<T>;
}

function option<T>(
    flag: string,
    variable: string,
    help: string,
    parse: Option<T>["parse"],
): Option<T> {
    return { flag, variable, help, parse };
}

const list = (text: string): Parsed<string[]> => parseList(text);
const map = (text: string): Parsed<Record<string, string>> => parseMap(text);
const text = (value: string): Parsed<string> => ({ value });
/** A whole number, whose help says its default; beyond its bounds it could not work. */
function numeric(
    flag: string,
    variable: string,
    help: string,
    { fallback, least, most }: { fallback: number; least: number; most: number },
): Option<number> {
    const parse = (value: string) => parseNumber(value, fallback, most, least);
    return option(flag, variable, `${help} (default ${fallback})`, parse);
}
const flagged = (fallback: boolean) => (value: string) => {
    const word = parseWord(value, ["true", "false"] as const, fallback ? "true" : "false");
    return "problem" in word ? word : { value: word.value === "true" };
};
const day = 86_400;
const mebibyte = 1024 * 1024;
const inPod = (environment: NodeJS.ProcessEnv): boolean =>
    environment.KUBERNETES_SERVICE_HOST !== undefined;

/** Every option, in the order in which `--help` lists them. */
export const optionTable = {
    port: numeric("port", "PORT", "port to listen at, 0 for a free one", {
        fallback: 8000,
        least: 0,
        most: 65_535,
    }),
    host: option(
        "host",
        "SLIPWAY_HOST",
        "address to listen at, '*' for every one (default '*' in a Kubernetes pod, else '127.0.0.1')",
        (value, environment) => ({ value: value || (inPod(environment) ? "*" : "127.0.0.1") }),
    ),
    path: option("path", "SLIPWAY_PATH", "path of the MCP endpoint (default '/mcp')", parsePath),
    server: option(
        "server",
        "SLIPWAY_SERVER",
        "name in logs and metrics (default the command)",
        text,
    ),
    allowedHosts: option(
        "allowed-hosts",
        "SLIPWAY_ALLOWED_HOSTS",
        "host names clients use besides this machine's own",
        list,
    ),
    allowedOrigins: option(
        "allowed-origins",
        "SLIPWAY_ALLOWED_ORIGINS",
        "origins of browser clients besides those of the hosts; '*' for any",
        list,
    ),
    corsOrigins: option(
        "cors-origins",
        "SLIPWAY_CORS_ORIGINS",
        "origins whose pages the bridge itself lets call (CORS), where no gateway does; '*' for any (default none)",
        list,
    ),

    isolation: option(
        "isolation",
        "SLIPWAY_ISOLATION",
        "whose calls share a process: auto, shared, session, principal or request (default auto: shared, but a process of its own for a client that declares capabilities)",
        (value) => parseWord(value, isolations, "auto"),
    ),
    childProtocol: option(
        "child-protocol",
        "SLIPWAY_CHILD_PROTOCOL",
        "revision the server speaks: auto, 2025-11-25 or 2026-07-28 (default auto)",
        (value) => parseWord(value, childProtocols, "auto"),
    ),
    childEnvironment: option(
        "child-env",
        "SLIPWAY_CHILD_ENV",
        "variables passed on to the server besides the usual ones",
        list,
    ),
    childSecretFiles: option(
        "child-secret-files",
        "SLIPWAY_CHILD_SECRET_FILES",
        "variables of the server read from files at each of its starts: NAME=/path,…",
        map,
    ),
    childLog: option(
        "child-log",
        "SLIPWAY_CHILD_LOG",
        "what is logged of the server's stderr: off, start (before its first call), redacted (all, without what looks like a secret) or all (default start)",
        (value) => parseWord(value, childLogs, "start"),
    ),
    maxChildren: numeric(
        "max-children",
        "SLIPWAY_MAX_CHILDREN",
        "processes of the server at once; beyond it callers get 503",
        { fallback: 32, least: 1, most: 10_000 },
    ),
    warmChildren: numeric(
        "warm-children",
        "SLIPWAY_WARM_CHILDREN",
        "processes kept started for the next lease, once there was one",
        { fallback: 1, least: 0, most: 1000 },
    ),

    sessionIdleSeconds: numeric(
        "session-idle-seconds",
        "SLIPWAY_SESSION_IDLE_SECONDS",
        "a session unused this long is ended",
        { fallback: 1800, least: 1, most: 30 * day },
    ),
    sessionSeconds: numeric(
        "session-seconds",
        "SLIPWAY_SESSION_SECONDS",
        "longest life of a session",
        { fallback: day, least: 1, most: 365 * day },
    ),
    maxSessions: numeric("max-sessions", "SLIPWAY_MAX_SESSIONS", "sessions at once", {
        fallback: 10_000,
        least: 1,
        most: 10_000_000,
    }),
    maxSessionEvents: numeric(
        "max-session-events",
        "SLIPWAY_MAX_SESSION_EVENTS",
        "events kept of a session for a client that reconnects",
        { fallback: 256, least: 0, most: 1_000_000 },
    ),
    maxSessionEventBytes: numeric(
        "max-session-event-bytes",
        "SLIPWAY_MAX_SESSION_EVENT_BYTES",
        "bytes of those events",
        { fallback: mebibyte, least: 0, most: 1024 * mebibyte },
    ),
    parkedSeconds: numeric(
        "parked-seconds",
        "SLIPWAY_PARKED_SECONDS",
        "how long a call waits for its client's input",
        { fallback: 300, least: 1, most: day },
    ),
    maxParked: numeric("max-parked", "SLIPWAY_MAX_PARKED", "calls that wait for input at once", {
        fallback: 64,
        least: 0,
        most: 100_000,
    }),

    maxBodyBytes: numeric("max-body-bytes", "SLIPWAY_MAX_BODY_BYTES", "largest request", {
        fallback: 4 * mebibyte,
        least: 1024,
        most: 1024 * mebibyte,
    }),
    maxUriBytes: numeric(
        "max-uri-bytes",
        "SLIPWAY_MAX_URI_BYTES",
        "longest URI by which a client names a resource",
        { fallback: 8192, least: 1, most: mebibyte },
    ),
    maxSubscriptions: numeric(
        "max-subscriptions",
        "SLIPWAY_MAX_SUBSCRIPTIONS",
        "subscriptions to resources at once",
        { fallback: 50_000, least: 0, most: 10_000_000 },
    ),
    maxSubscriptionsPerPrincipal: numeric(
        "max-subscriptions-per-principal",
        "SLIPWAY_MAX_SUBSCRIPTIONS_PER_PRINCIPAL",
        "those of one caller, or of one session when callers are not known",
        { fallback: 2000, least: 0, most: 10_000_000 },
    ),
    maxLineBytes: numeric(
        "max-line-bytes",
        "SLIPWAY_MAX_LINE_BYTES",
        "longest line of the server",
        { fallback: 10 * mebibyte, least: 1024, most: 1024 * mebibyte },
    ),
    maxHeaderBytes: numeric(
        "max-header-bytes",
        "SLIPWAY_MAX_HEADER_BYTES",
        "all headers of a request",
        { fallback: 16_384, least: 1024, most: mebibyte },
    ),
    maxInFlight: numeric("max-in-flight", "SLIPWAY_MAX_IN_FLIGHT", "requests answered at once", {
        fallback: 1000,
        least: 1,
        most: 1_000_000,
    }),
    maxInFlightPerPrincipal: numeric(
        "max-in-flight-per-principal",
        "SLIPWAY_MAX_IN_FLIGHT_PER_PRINCIPAL",
        "requests of one caller at once, when callers are known",
        { fallback: 256, least: 1, most: 1_000_000 },
    ),
    graceSeconds: numeric(
        "grace-seconds",
        "SLIPWAY_GRACE_SECONDS",
        "time for calls in flight after SIGTERM",
        { fallback: 30, least: 0, most: day },
    ),
    callSeconds: numeric("call-seconds", "SLIPWAY_CALL_SECONDS", "longest call", {
        fallback: 3600,
        least: 1,
        most: day,
    }),
    startSeconds: numeric(
        "start-seconds",
        "SLIPWAY_START_SECONDS",
        "longest handshake of the server",
        { fallback: 60, least: 1, most: 3600 },
    ),
    pingSeconds: numeric(
        "ping-seconds",
        "SLIPWAY_PING_SECONDS",
        "how long the server may take to answer a ping before it is replaced, 0 never pings",
        { fallback: 60, least: 0, most: day },
    ),

    identity: option(
        "identity",
        "SLIPWAY_IDENTITY",
        "who calls is told by: token, headers of the gateway in front, or none (default token with --issuer, headers in a pod, else none)",
        (value, environment) =>
            parseWord(value, identitySources, inPod(environment) ? "headers" : "none"),
    ),
    issuer: option(
        "issuer",
        "SLIPWAY_ISSUER",
        "issuer of bearer tokens; given, every request needs one",
        text,
    ),
    jwksUri: option(
        "jwks-uri",
        "SLIPWAY_JWKS_URI",
        "where the issuer's keys are (default from its discovery document)",
        text,
    ),
    audience: option(
        "audience",
        "SLIPWAY_AUDIENCE",
        "audience a token must name: the endpoint's URL",
        text,
    ),
    scopes: option("scopes", "SLIPWAY_SCOPES", "scopes a token must have", list),

    tools: option(
        "tools",
        "SLIPWAY_TOOLS",
        "tools that exist for callers, '*' matches any text (default all)",
        list,
    ),
    toolScopes: option(
        "tool-scopes",
        "SLIPWAY_TOOL_SCOPES",
        "scopes a tool needs besides: TOOL=scope scope,…",
        map,
    ),
    checkArguments: option(
        "check-arguments",
        "SLIPWAY_CHECK_ARGUMENTS",
        "refuse arguments that do not match a tool's schema (default false)",
        flagged(false),
    ),

    rest: option(
        "rest",
        "SLIPWAY_REST",
        "serve tools as REST too: /tools, /call, /openapi.json, /docs, /redoc (default true)",
        flagged(true),
    ),
    metrics: option(
        "metrics",
        "SLIPWAY_METRICS",
        "serve Prometheus metrics at /metrics (default true)",
        flagged(true),
    ),
    audit: option("audit", "SLIPWAY_AUDIT", "log a line a call (default true)", flagged(true)),

    address: option(
        "address",
        "SLIPWAY_ADDRESS",
        "address at which the other replicas reach this one (POD_IP)",
        text,
    ),
    peers: option(
        "peers",
        "SLIPWAY_PEERS",
        "DNS names or addresses of all replicas: the headless Service",
        list,
    ),
    keyFile: option(
        "key-file",
        "SLIPWAY_KEY_FILE",
        "file with the secret, 32 bytes or more, that signs session ids; the same for all replicas; /dev/fd/N for an open one (default a random one)",
        text,
    ),
    keyEnvironment: option(
        "key-env",
        "SLIPWAY_KEY_ENV",
        "name of a variable with that secret, in place of a file",
        text,
    ),
} as const;

type OptionTable = typeof optionTable;

/** Every option's value, and the server's command. */
export type BridgeOptions = {
    -readonly [K in keyof OptionTable]: OptionTable[K] extends Option<infer T> ? T : never;
} & {
    /** The stdio server: program and arguments. */
    command: string[];
};

function parsePath(value: string): Parsed<string> {
    const path = value || "/mcp";
    return !path.startsWith("/") || /[?#\s]/.test(path)
        ? { problem: `must be a path that begins with '/', got '${path}'` }
        : { value: path };
}
