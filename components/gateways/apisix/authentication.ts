import * as pulumi from "@pulumi/pulumi";

import { verifiedHeaders } from "../headers.ts";
import { buildChallenge } from "../metadata.ts";
import type { Route } from "../route.ts";
import { ApisixAuthentication } from "./args.ts";
import { type Plugin, plugin } from "./plugins.ts";

/** How the tokens of all servers are verified. */
export interface Authentication {
    by: ApisixAuthentication;
    issuer: pulumi.Input<string>;
    /** Every issuer whose tokens are accepted; `openid-connect` knows one. */
    issuers: pulumi.Input<string>[];
    /** URL of the token verifier, for `forwardAuth`. */
    verifier: pulumi.Input<string>;
    discovery: pulumi.Input<string>;
    introspectionEndpoint: pulumi.Input<string>;
    clientSecretName: pulumi.Input<string> | undefined;
}

/** Seconds for which APISIX trusts the answer of an introspection: a revoked token works no longer than that. */
const introspectionSeconds = 60;

/** Refuses requests whose token is not for this server. */
export function buildAuthentication(route: Route, authentication: Authentication): Plugin[] {
    return authentication.by === ApisixAuthentication.forwardAuth
        ? [buildForwardAuth(route, authentication)]
        : [buildOpenidConnect(route, authentication), buildChallengeRewrite(route)];
}

/** The verifier's answer decides; its challenge goes to the client, and the caller that it names to the server. */
function buildForwardAuth({ server }: Route, { verifier }: Authentication): Plugin {
    return plugin("forward-auth", {
        uri: pulumi.interpolate`${verifier}/verify/${server}`,
        request_method: "GET",
        request_headers: ["Authorization", "X-Request-Id"],
        // The verifier gives no Authorization, and what it does not give is removed: no server gets the token.
        upstream_headers: [...verifiedHeaders, "Authorization"],
        client_headers: ["WWW-Authenticate", "Retry-After"],
        timeout: 5000,
        status_on_error: 503,
        allow_degradation: false,
    });
}

function buildOpenidConnect({ server, resource, scopes }: Route, by: Authentication): Plugin {
    const introspects = by.by === ApisixAuthentication.introspection;
    const config = {
        // Compared with the audience; introspection takes that of the Secret instead.
        client_id: resource,
        discovery: by.discovery,
        bearer_only: true,
        realm: server,
        required_scopes: scopes,
        ssl_verify: true,
        accept_none_alg: false,
        accept_unsupported_alg: false,
        set_access_token_header: false,
        set_id_token_header: false,
        set_userinfo_header: true,
        claim_schema: buildAudienceSchema(resource),
        claim_validator: {
            issuer: { valid_issuers: [by.issuer] },
            audience: { required: true, match_with_client_id: !introspects },
        },
    };
    const introspection = {
        use_jwks: false,
        introspection_endpoint: by.introspectionEndpoint,
        introspection_endpoint_auth_method: "client_secret_basic",
        introspection_interval: introspectionSeconds,
    };
    const settings = introspects ? introspection : { use_jwks: true };
    const { clientSecretName: secretRef } = by;
    const built = plugin("openid-connect", { ...config, ...settings });
    return secretRef === undefined ? built : { ...built, secretRef };
}

/** Claims of a token whose audience is, or contains, the resource. */
function buildAudienceSchema(resource: string) {
    const audience = { type: "string", enum: [resource] };
    return {
        type: "object",
        required: ["aud"],
        properties: { aud: { anyOf: [audience, { type: "array", contains: audience }] } },
    };
}

/** Makes the plugin's 401 a challenge by which MCP clients find the issuer. */
function buildChallengeRewrite(route: Route): Plugin {
    return plugin("response-rewrite", {
        vars: [["status", "==", 401]],
        headers: { set: { "WWW-Authenticate": buildChallenge(route) } },
    });
}
