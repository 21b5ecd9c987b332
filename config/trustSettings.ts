import * as z from "zod";

import { identityDefaults } from "../components/identity/defaults.ts";
import { optional, required } from "./keys.ts";

/** One entry of `identity.furtherIssuers`. */
export const furtherIssuer = z.strictObject({
    issuer: required(
        z.string(),
        "`iss` of its tokens; `@<issuer>` is appended to the names of its callers",
        "https://partner.example.org",
    ),
    jwksUri: optional(z.string(), "URL of its signing keys", {
        default: identityDefaults.jwksUri("<issuer>"),
        example: "https://partner.example.org/keys",
    }),
    jwksPort: optional(z.int(), "Port of the pods behind `jwksUri`", {
        absent: "the port of `jwksUri`",
        example: 8443,
    }),
});

/** `identity.introspection`. */
export const introspection = z.strictObject({
    endpoint: optional(z.string(), "URL of the endpoint (RFC 7662)", {
        absent: "that of Keycloak beside `jwksUri`",
        example: "https://auth.example.org/introspect",
    }),
    secretName: optional(
        z.string(),
        "Existing Secret of the namespace with `client_id` and `client_secret` of a confidential client",
        { absent: "a client of the realm is created", example: "introspection" },
    ),
    clientId: optional(z.string(), "Id of the created client", {
        default: identityDefaults.introspection.clientId,
        example: "mcp-verifier",
    }),
    cacheSeconds: optional(
        z.number(),
        "How long an answer is remembered, 0 to 3600 seconds; a revoked token is accepted that long",
        { default: identityDefaults.introspection.cacheSeconds, example: 60 },
    ),
});

/** One entry of `gateway.verifier.managers`. */
export const podSelector = z.strictObject({
    namespace: optional(z.string(), "Namespace of the pods", {
        absent: "that of the stack",
        example: "monitoring",
    }),
    labels: optional(z.record(z.string(), z.string()), "Labels of the pods", {
        absent: "every pod of the namespace",
        example: { app: "prometheus" },
    }),
});
