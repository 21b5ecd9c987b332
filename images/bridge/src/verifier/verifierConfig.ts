import { readFileSync } from "node:fs";
import * as z from "zod";

const server = z.strictObject({
    /** Name in the path of the verification, `/verify/<name>`. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
    /** URI of the endpoint as clients use it; tokens must name it as their audience. */
    resource: z.url({ protocol: /^https?$/ }),
    /** Scopes a token must have, all of them. */
    scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)),
});

const schema = z
    .strictObject({
        /** Issuer that tokens must name. */
        issuer: z.url({ protocol: /^https?$/ }),
        /** Where the issuer's keys are read; may be another address than the issuer's public one. */
        jwksUri: z.url({ protocol: /^https?$/ }),
        /** PEM file of authorities trusted besides the usual ones. */
        caFile: z.string().optional(),
        servers: z.array(server).min(1),
    })
    .superRefine(({ servers }, context) => {
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
