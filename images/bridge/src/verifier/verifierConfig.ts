import { readFileSync } from "node:fs";
import * as z from "zod";

const server = z.strictObject({
    /** Name in the path of the verification, `/verify/<name>`. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
    /** URI of the endpoint as clients use it; tokens must name it as their audience. */
    resource: z.url({ protocol: /^https?$/ }),
    /** Scopes a token must have, all of them. */
    scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)),
    /** Asks the issuer whether a token was revoked. */
    checkRevocation: z.boolean().optional(),
    /** Accepts only tokens that are bound to the certificate of the client (RFC 8705). */
    certificateBound: z.boolean().optional(),
});

const url = z.url({ protocol: /^https?$/ });

const issuer = z.strictObject({
    /** Issuer as tokens name it. */
    issuer: url,
    /** Where the issuer's keys are read; may be another address than the issuer's public one. */
    jwksUri: url,
    /** How the issuer is asked whether tokens were revoked (RFC 7662). */
    introspection: z
        .strictObject({
            endpoint: url,
            /** Directory with the files `client_id` and `client_secret`. */
            credentials: z.string().min(1),
            /** How long an answer is remembered. */
            cacheSeconds: z.int().min(0).max(3600).default(10),
        })
        .optional(),
});

const schema = z
    .strictObject({
        ...issuer.shape,
        /** Issuers that are trusted besides; `@<issuer>` is appended to names in their tokens. */
        furtherIssuers: z.array(issuer).optional(),
        /** Accepted difference of clocks. */
        clockSkewSeconds: z.int().min(0).max(300).optional(),
        /** DNS name and management port of all pods of the verifier, which pass on the ends of sessions. */
        peers: z
            .strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) })
            .optional(),
        /** PEM file of authorities trusted besides the usual ones. */
        caFile: z.string().optional(),
        servers: z.array(server).min(1),
    })
    .superRefine(({ issuer: first, furtherIssuers = [], servers }, context) => {
        const names = [first, ...furtherIssuers.map((further) => further.issuer)];
        names.forEach((name, index) => {
            if (names.indexOf(name) < index) {
                const message = `must differ from those of other issuers, got '${name}' again`;
                context.addIssue({
                    code: "custom",
                    path: ["furtherIssuers", index - 1, "issuer"],
                    message,
                });
            }
        });
        for (const field of ["name", "resource"] as const) {
            servers.forEach((entry, index) => {
                if (servers.findIndex((other) => other[field] === entry[field]) < index) {
                    const message = `must differ from those of other servers, got '${entry[field]}' again`;
                    context.addIssue({ code: "custom", path: ["servers", index, field], message });
                }
            });
        }
    });

export type VerifierConfig = z.infer<typeof schema>;
export type ProtectedServer = z.infer<typeof server>;
export type TrustedIssuer = z.infer<typeof issuer>;
export type IntrospectionSettings = NonNullable<TrustedIssuer["introspection"]>;

/**
 * Reads the configuration of the verifier.
 *
 * @param file path, usually SLIPWAY_VERIFIER_FILE; undefined when that is not set
 * @throws with everything that is wrong with it
 */
export function readVerifierConfig(file: string | undefined): VerifierConfig {
    if (file === undefined || file === "") {
        throw new Error("SLIPWAY_VERIFIER_FILE: must name the configuration file, is not set");
    }
    let content: unknown;
    try {
        content = JSON.parse(readFileSync(file, "utf8"));
    } catch (cause) {
        const reason = (cause as Error).message;
        throw new Error(`SLIPWAY_VERIFIER_FILE '${file}': must be JSON: ${reason}`, { cause });
    }
    const result = schema.safeParse(content);
    if (!result.success) {
        throw new Error(`configuration in '${file}':\n${z.prettifyError(result.error)}`);
    }
    return result.data;
}
