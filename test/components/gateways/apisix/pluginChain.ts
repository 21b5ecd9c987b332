import type { Json } from "../../../support/recordResources.ts";

/** A request as it arrives at APISIX. */
export interface EdgeRequest {
    method?: string;
    host?: string;
    path: string;
    headers?: Record<string, string>;
}

/** What becomes of a request: APISIX's own answer, or the request that the server gets. */
export interface Outcome {
    status: number;
    headers: Record<string, string>;
    body?: string;
    /** Rule that matched. */
    rule?: string;
    upstream?: { path: string; headers: Record<string, string> };
}

/** Stands for what the plugins ask: the token verifier, or the issuer's keys. */
export type Verdict = (
    token: string | undefined,
    server: string,
) => { status: number; headers: Record<string, string> };

/** Priorities of plugins in APISIX 3.18, which decides the order in which they act. */
export const priorities: Record<string, number> = {
    "client-control": 22000,
    "proxy-buffering": 21991,
    "request-id": 12015,
    "fault-injection": 11000,
    cors: 4000,
    "openid-connect": 2599,
    "forward-auth": 2002,
    "proxy-rewrite": 1008,
    "limit-conn": 1003,
    "limit-count": 1002,
    "limit-req": 1001,
    "response-rewrite": 899,
    prometheus: 500,
};

/** The phase in which a plugin handles a request: all of `rewrite` act before all of `access`. */
function phaseOf(name: string, authInRewrite: boolean): number {
    const rewriting = ["proxy-buffering", "client-control", "request-id", "fault-injection"];
    const others = ["cors", "openid-connect", "proxy-rewrite"];
    const isRewrite = [...rewriting, ...others].includes(name);
    return isRewrite || (authInRewrite && name === "forward-auth") ? 0 : 1;
}

/**
 * A model of APISIX's documented behaviour: picks the rule, and runs its plugins in their order. It proves the rendered
 * routes against this model, not against APISIX, which tests do not have.
 */
export class PluginChain {
    private readonly rules: Json[];
    private readonly verdict: Verdict;
    private readonly counts = new Map<string, number>();
    /** Whether `forward-auth` acts in the rewrite phase, as in later versions, or in the access phase. */
    private readonly authInRewrite: boolean;

    constructor(rules: Json[], verdict: Verdict, authInRewrite = false) {
        this.rules = rules;
        this.verdict = verdict;
        this.authInRewrite = authInRewrite;
    }

    /** Handles one request. */
    send(request: EdgeRequest): Outcome {
        const headers = lowerKeys(request.headers ?? {});
        const method = request.method ?? "POST";
        const rule = this.rules
            .filter((one) => matches(one, { ...request, method }, headers))
            .sort((one, other) => other.priority - one.priority)[0];
        if (rule === undefined) return { status: 404, headers: {} };
        const ordered = [...rule.plugins].sort(
            (one: Json, other: Json) =>
                phaseOf(one.name, this.authInRewrite) - phaseOf(other.name, this.authInRewrite) ||
                priorities[other.name]! - priorities[one.name]!,
        );
        const upstream = { path: request.path.split("?")[0]!, headers };
        let answer: Outcome | undefined;
        for (const plugin of ordered) {
            answer = this.run(plugin, rule, method, upstream);
            if (answer !== undefined) break;
        }
        const outcome: Outcome = answer ?? { status: 200, headers: {}, upstream };
        return { ...filterAnswer(ordered, outcome, headers), rule: rule.name };
    }

    private run(
        { name, config }: Json,
        rule: Json,
        method: string,
        upstream: NonNullable<Outcome["upstream"]>,
    ): Outcome | undefined {
        switch (name) {
            case "client-control":
                return Number(upstream.headers["content-length"] ?? 0) > config.max_body_size
                    ? { status: 413, headers: {} }
                    : undefined;
            case "fault-injection":
                return {
                    status: config.abort.http_status,
                    headers: lowerKeys(config.abort.headers),
                    body: config.abort.body,
                };
            case "cors":
                return method === "OPTIONS" ? { status: 200, headers: {} } : undefined;
            case "forward-auth":
                return this.forwardAuth(config, upstream);
            case "openid-connect":
                return this.openidConnect(config, upstream);
            case "proxy-rewrite":
                rewrite(config, upstream);
                return undefined;
            case "limit-count":
                return this.count(config, rule, upstream);
            default:
                if (!(name in priorities)) throw new Error(`plugin '${name}' has no model`);
                return undefined;
        }
    }

    private forwardAuth(config: Json, upstream: NonNullable<Outcome["upstream"]>) {
        const server = /\/verify\/([^/]+)$/.exec(config.uri)![1]!;
        const passes = config.request_headers.includes("Authorization");
        const token = passes ? upstream.headers["authorization"] : undefined;
        const { status, headers } = this.verdict(token, server);
        const given = lowerKeys(headers);
        if (status >= 300) return { status, headers: pick(given, config.client_headers) };
        setOrRemove(upstream.headers, config.upstream_headers, given);
        return undefined;
    }

    private openidConnect(config: Json, upstream: NonNullable<Outcome["upstream"]>) {
        delete upstream.headers["x-userinfo"];
        const { status } = this.verdict(upstream.headers["authorization"], config.realm);
        if (status === 403) return { status, headers: {} };
        const challenge = { "www-authenticate": `Bearer realm="${config.realm}"` };
        if (status >= 300) return { status, headers: challenge };
        upstream.headers["x-userinfo"] = "claims";
        return undefined;
    }

    private count(config: Json, rule: Json, { headers }: NonNullable<Outcome["upstream"]>) {
        const caller = config.key.replace(/\$http_(\w+)/g, (_: string, name: string) => {
            return headers[name.replaceAll("_", "-")] ?? "";
        });
        const key = `${rule.name} ${caller}`;
        const calls = (this.counts.get(key) ?? 0) + 1;
        this.counts.set(key, calls);
        return calls > config.count ? { status: config.rejected_code, headers: {} } : undefined;
    }
}

function matches(rule: Json, request: EdgeRequest & { method: string }, headers: Json): boolean {
    const { hosts, paths, methods, exprs = [] } = rule.match;
    const path = request.path.split("?")[0]!;
    return (
        hosts.includes(request.host ?? "mcp.example.org") &&
        methods.includes(request.method) &&
        paths.some((pattern: string) =>
            pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
        ) &&
        exprs.every(({ subject, op, value, set }: Json) => {
            const found = headers[subject.name.toLowerCase()];
            if (op === "Equal") return found === value;
            if (op === "RegexMatch") return new RegExp(value).test(found ?? "");
            return set.includes(found);
        })
    );
}

function rewrite(config: Json, upstream: NonNullable<Outcome["upstream"]>): void {
    if (config.regex_uri !== undefined) {
        const [pattern, replacement] = config.regex_uri as [string, string];
        const expression = new RegExp(pattern.replace("(?s)", "").replace("\\z", "$"), "s");
        upstream.path = upstream.path.replace(expression, replacement);
    }
    for (const name of config.headers.remove ?? []) delete upstream.headers[name.toLowerCase()];
    Object.assign(upstream.headers, lowerKeys(config.headers.set ?? {}));
}

/** Plugins change answers in the order of their priority, those that ended the request included. */
function filterAnswer(plugins: Json[], outcome: Outcome, asked: Record<string, string>): Outcome {
    const headers = { ...outcome.headers };
    for (const { name, config } of plugins) {
        if (name === "request-id") headers["x-request-id"] = "id";
        if (name === "cors") Object.assign(headers, allowOrigin(config, asked["origin"]));
        const isMeant = config.vars?.[0]?.[2] === outcome.status;
        if (name === "response-rewrite" && isMeant) {
            Object.assign(headers, lowerKeys(config.headers.set));
        }
    }
    return { ...outcome, headers };
}

function allowOrigin(config: Json, origin = ""): Record<string, string> {
    const several = config.allow_origins.split(",") as string[];
    const isOne = several.length === 1;
    return isOne || several.includes(origin)
        ? {
              "access-control-allow-origin": isOne ? config.allow_origins : origin,
              "access-control-expose-headers": config.expose_headers,
          }
        : {};
}

function setOrRemove(headers: Json, names: string[], given: Record<string, string>): void {
    for (const name of names.map((one) => one.toLowerCase())) {
        delete headers[name];
        if (given[name] !== undefined) headers[name] = given[name];
    }
}

function pick(headers: Record<string, string>, names: string[]): Record<string, string> {
    const wanted = names.map((name) => name.toLowerCase());
    return Object.fromEntries(Object.entries(headers).filter(([name]) => wanted.includes(name)));
}

function lowerKeys(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
}
