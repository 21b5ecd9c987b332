import type * as pulumi from "@pulumi/pulumi";

import { corsMethods, exposedHeaders, preflightSeconds, requestHeaders } from "../cors.ts";
import { identityHeaders, misleadingHeaders, verifiedHeaders } from "../headers.ts";
import type { Route } from "../route.ts";
import { ApisixAuthentication, type CallerLimits, type ToolLimit } from "./args.ts";
import { apisixDefaults } from "./defaults.ts";

/** A plugin of a rule of an ApisixRoute. */
export interface Plugin {
    name: string;
    enable: true;
    config: Record<string, unknown>;
    /** Secret whose entries the controller adds to the configuration. */
    secretRef?: pulumi.Input<string>;
}

/** An enabled plugin. */
export function plugin(name: string, config: Record<string, unknown>): Plugin {
    return { name, enable: true, config };
}

/** Streams pass at once, every answer has a request id, browser pages of the allowed origins may call. */
export function buildTransport({ cors, limits }: Route, bodyBytes?: number): Plugin[] {
    const mebibyte = 1024 * 1024;
    return [
        plugin("client-control", { max_body_size: bodyBytes ?? limits.bodyMebibytes * mebibyte }),
        plugin("proxy-buffering", { disable_proxy_buffering: true }),
        buildRequestId(),
        buildCors(cors.origins),
    ];
}

/** Gives every request an id, which clients and servers see. */
export function buildRequestId(): Plugin {
    return plugin("request-id", { header_name: "X-Request-Id", include_in_response: true });
}

/** Answers preflight requests; it acts before tokens are verified. */
export function buildCors(origins: string[]): Plugin {
    return plugin("cors", {
        allow_origins: origins.includes("*") ? "*" : origins.join(","),
        allow_methods: corsMethods.join(","),
        allow_headers: requestHeaders.join(","),
        expose_headers: exposedHeaders.join(","),
        max_age: preflightSeconds,
        allow_credential: false,
    });
}

/**
 * Removes what clients must not claim, and the prefix. It acts before `forward-auth` in some versions and after it in
 * others, so it leaves alone what that plugin reads and sets.
 */
export function buildRewrite(
    { prefix, stripPrefix }: Route,
    by: ApisixAuthentication | undefined,
): Plugin {
    const isVerified = by === ApisixAuthentication.forwardAuth;
    // `openid-connect` replaces what a client sent by this name.
    const userinfo = by === undefined || isVerified ? [] : ["X-Userinfo"];
    const removed = [
        ...identityHeaders.filter((header) => !userinfo.includes(header)),
        ...misleadingHeaders,
        ...(isVerified ? [] : verifiedHeaders),
        ...(by === undefined ? ["Authorization"] : []),
        ...(stripPrefix && prefix !== "" ? [] : ["X-Forwarded-Prefix"]),
    ];
    if (!stripPrefix || prefix === "")
        return plugin("proxy-rewrite", { headers: { remove: removed } });
    const escaped = prefix.replaceAll(".", "[.]");
    return plugin("proxy-rewrite", {
        regex_uri: [`(?s)^${escaped}(/.*)\\z`, "$1"],
        headers: { remove: removed, set: { "X-Forwarded-Prefix": prefix } },
    });
}

/** Limits of one caller. */
export function buildLimits(
    { limits }: Route,
    by: ApisixAuthentication,
    { concurrentCalls = apisixDefaults.concurrentCalls, callsPerMinute }: CallerLimits,
): Plugin[] {
    const caller = { key_type: "var_combination", key: callerKey(by), rejected_code: 429 };
    const { requestsPerSecond: rate, burst } = limits;
    const counted = { count: callsPerMinute, time_window: 60, policy: "local", ...caller };
    return [
        plugin("limit-conn", {
            conn: concurrentCalls,
            burst: 0,
            default_conn_delay: 0.1,
            ...caller,
        }),
        ...(callsPerMinute === undefined ? [] : [plugin("limit-count", counted)]),
        plugin("limit-req", { rate, burst, nodelay: true, ...caller }),
    ];
}

/** The limit of one caller for some tools; it takes the place of `callsPerMinute` in their rule. */
export function buildToolLimit({ calls, seconds }: ToolLimit, by: ApisixAuthentication): Plugin {
    return plugin("limit-count", {
        count: calls,
        time_window: seconds,
        policy: "local",
        key_type: "var_combination",
        key: callerKey(by),
        rejected_code: 429,
    });
}

/** The caller as verified; `openid-connect` names none, so there it is the token. */
function callerKey(by: ApisixAuthentication): string {
    return by === ApisixAuthentication.forwardAuth
        ? "$http_x_auth_client $http_x_auth_subject"
        : "$http_authorization";
}

/** Metrics by the name of the route. */
export function buildMetrics(): Plugin {
    return plugin("prometheus", { prefer_name: true });
}

/** Answers with a document itself. */
export function buildStaticAnswer(body: pulumi.Input<string>): Plugin {
    const headers = { "Content-Type": "application/json", "Cache-Control": "max-age=300" };
    return plugin("fault-injection", { abort: { http_status: 200, body, headers } });
}
