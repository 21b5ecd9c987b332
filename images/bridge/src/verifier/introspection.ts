import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BoundedMap } from "../collections/boundedMap.ts";
import { isObject } from "../json/jsonRpc.ts";
import type { Log } from "../log/log.ts";
import type { IntrospectionSettings } from "./verifierConfig.ts";

/** Longest answer time of the issuer, in milliseconds: gateways give up on the verifier after five seconds. */
const timeout = 3000;
/** Answers remembered. */
const entryLimit = 10_000;

/** What the issuer says of a token; `unknown` when it does not answer. */
export type TokenState = "active" | "revoked" | "unknown";

/** Asks the issuer whether tokens were revoked (RFC 7662), each at most once in a while. */
export class Introspection {
    private readonly settings: IntrospectionSettings;
    private readonly log: Log;
    private readonly states = new BoundedMap<{ state: TokenState; until: number }>({
        entries: entryLimit,
        size: entryLimit,
        sizeOf: () => 1,
    });
    private readonly pending = new Map<string, Promise<TokenState>>();

    constructor(settings: IntrospectionSettings, log: Log) {
        this.settings = settings;
        this.log = log;
    }

    /** @param key what the token is remembered under */
    state(key: string, token: string): TokenState | Promise<TokenState> {
        const known = this.states.get(key);
        if (known !== undefined && performance.now() < known.until) {
            return known.state;
        }
        let asked = this.pending.get(key);
        if (asked === undefined) {
            asked = this.ask(key, token).finally(() => this.pending.delete(key));
            this.pending.set(key, asked);
        }
        return asked;
    }

    private async ask(key: string, token: string): Promise<TokenState> {
        // Counted from the question: an answer may be as old as that.
        const until = performance.now() + this.settings.cacheSeconds * 1000;
        const { endpoint } = this.settings;
        try {
            const active = await introspect(this.settings, token);
            const state = active ? "active" : "revoked";
            this.states.set(key, { state, until });
            return state;
        } catch (error) {
            this.log("warn", "introspection failed", {
                endpoint,
                reason: (error as Error).message,
            });
            return "unknown";
        }
    }
}

async function introspect(settings: IntrospectionSettings, token: string): Promise<boolean> {
    const { endpoint, credentials } = settings;
    // Read each time, as Kubernetes replaces the files when the secret is rotated.
    const [id, secret] = ["client_id", "client_secret"].map((name) =>
        encodeURIComponent(readFileSync(join(credentials, name), "utf8").trim()),
    );
    const response = await fetch(endpoint, {
        method: "POST",
        headers: {
            accept: "application/json",
            authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        },
        body: new URLSearchParams({ token, token_type_hint: "access_token" }),
        redirect: "manual",
        signal: AbortSignal.timeout(timeout),
    });
    const answer: unknown = response.status === 200 ? await response.json() : undefined;
    if (!isObject(answer) || typeof answer.active !== "boolean") {
        await response.body?.cancel().catch(() => undefined);
        throw new Error(`must answer 200 and whether the token is active, got ${response.status}`);
    }
    return answer.active;
}
