import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../log/log.ts";
import type { Principal } from "./principal.ts";
import type { AccessToken, TokenRefusal } from "./accessToken.ts";
import type { Authenticator, AuthRefusal, MetadataDocument } from "./authenticator.ts";
import { buildChallenge, buildMetadata, metadataPath, wellKnown } from "./challenge.ts";
import { countHeader } from "./countHeader.ts";
import type { KeySet, KeySetTiming } from "./keySet.ts";
import { buildStepUp } from "./stepUp.ts";
import { TokenMemory, tokenLengthLimit, type RememberedToken } from "./tokenMemory.ts";

export interface BearerAuthArgs {
    /** Issuer that tokens must name. */
    issuer: string;
    /** Where its keys are; empty or undefined to ask its discovery document. */
    jwksUri?: string | undefined;
    /** URL of the endpoint as clients use it; tokens must name it as their audience. */
    audience: string;
    /** Scopes every request needs. */
    scopes: readonly string[];
    /** Path of the endpoint here, under which its document is served besides that of the audience. */
    path: string;
    /** Name of the server, for people. */
    server: string;
}

type Answer = Principal | AuthRefusal;

const lastToken = Symbol("last token");

/**
 * A connection with the last good token that came on it. Most connections bring one all their life, and comparing a text
 * to it takes a tenth of finding it among all, for which it must be hashed: a header is a new text each time.
 */
interface TokenSocket extends Socket {
    [lastToken]?: RememberedToken | undefined;
}

/** Asks every request for a good access token. */
export class BearerAuth implements Authenticator {
    readonly metadata: MetadataDocument;
    private readonly endpoint: { resource: string; scopes: readonly string[] };
    private readonly keys: KeySet;
    private readonly verify: (token: string) => Promise<AccessToken | TokenRefusal>;
    private readonly remembered = new TokenMemory();
    private readonly pending = new Map<string, Promise<Answer>>();

    /** @param verify checks a token that is not remembered */
    constructor(args: BearerAuthArgs, keys: KeySet, verify: BearerAuth["verify"]) {
        this.endpoint = { resource: args.audience, scopes: args.scopes };
        this.keys = keys;
        this.verify = verify;
        this.metadata = {
            paths: new Set([wellKnown, `${wellKnown}${args.path}`, metadataPath(args.audience)]),
            document: buildMetadata(this.endpoint, args.server, [args.issuer]),
            headers: { "access-control-allow-origin": "*", "cache-control": "max-age=300" },
        };
    }

    get ready(): boolean {
        return this.keys.loaded;
    }

    authenticate(request: IncomingMessage): Answer | Promise<Answer> {
        const { authorization } = request.headers;
        if (authorization === undefined) {
            return this.refuse(401, undefined, "must bring a bearer token");
        }
        if (countHeader(request.rawHeaders, "authorization") > 1) {
            return this.refuse(400, "invalid_request", "must bring one authorization header");
        }
        const socket: TokenSocket = request.socket;
        const last = socket[lastToken];
        // The whole header is the key: cutting the token out of it would cost more than finding it.
        if (last !== undefined && last.key === authorization && Date.now() < last.until) {
            return last.token.principal;
        }
        const known = this.remembered.find(authorization);
        socket[lastToken] = known;
        return known?.token.principal ?? this.examine(authorization);
    }

    stepUp(scopes: readonly string[]): AuthRefusal {
        return buildStepUp(this.endpoint, scopes);
    }

    close(): void {
        this.keys.close();
    }

    /** Looks at a header that is not remembered as it is: a new token, or an old one with another case or space. */
    private examine(authorization: string): Answer | Promise<Answer> {
        const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
        if (token === undefined) {
            return this.refuse(401, undefined, "must bring a bearer token");
        }
        if (token.length > tokenLengthLimit) {
            const limit = `the token must not be longer than ${tokenLengthLimit} characters`;
            return this.refuse(401, "invalid_token", limit);
        }
        // One key a token, however its header is written: else one token could fill the memory.
        const key = `Bearer ${token}`;
        const known = this.remembered.recall(key);
        if (known !== undefined) {
            return known.principal;
        }
        let answer = this.pending.get(key);
        if (answer === undefined) {
            answer = this.admit(key, token).finally(() => this.pending.delete(key));
            this.pending.set(key, answer);
        }
        return answer;
    }

    private async admit(key: string, token: string): Promise<Answer> {
        const found = await this.verify(token);
        if (!("error" in found)) {
            return this.remembered.remember(key, found).principal;
        }
        const { error, reason } = found;
        if (error === "unavailable") {
            return { status: 503, headers: { "retry-after": "2" }, error, message: reason };
        }
        return this.refuse(error === "insufficient_scope" ? 403 : 401, error, reason);
    }

    private refuse(
        status: AuthRefusal["status"],
        error: string | undefined,
        reason: string,
    ): AuthRefusal {
        const challenge = buildChallenge(
            this.endpoint,
            error === undefined ? undefined : { error, reason },
        );
        return { status, headers: { "www-authenticate": challenge }, error, message: reason };
    }
}

/** Loads what verifies tokens and starts loading the issuer's keys, without waiting for them. */
export async function openBearerAuth(
    args: BearerAuthArgs,
    log: Log,
    timing?: KeySetTiming,
): Promise<BearerAuth> {
    // Only who verifies tokens pays for the library that does.
    const [{ findMisfit, readAccessToken }, { openKeySet }, { discoverJwksUri }] =
        await Promise.all([
            import("./accessToken.ts"),
            import("./keySet.ts"),
            import("./discovery.ts"),
        ]);
    const { issuer, jwksUri, audience, scopes } = args;
    const keys = openKeySet(() => jwksUri || discoverJwksUri(issuer), log, timing);
    return new BearerAuth(args, keys, async (text) => {
        const token = await readAccessToken(text, issuer, keys);
        return "error" in token
            ? token
            : (findMisfit(token, { resource: audience, scopes }) ?? token);
    });
}
