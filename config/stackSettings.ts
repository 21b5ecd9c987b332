import * as z from "zod";

import { serverSettings } from "./serverSettings.ts";

const registry = z.strictObject({
    /** Host, optional port and optional path of the registry, without scheme. */
    address: z.string(),
    /** Who pushes and pulls; the password is the secret `registryPassword`. */
    username: z.string().optional(),
});

const gateway = z.strictObject({
    /** Dialect of the gateway. */
    kind: z.literal("nginx"),
    /** Public host name. */
    host: z.string(),
    /** Public port; 443 when left out. */
    port: z.number().optional(),
    /** Certificate: an existing Secret of the namespace, or one made here. */
    tls: z.union(
        [
            z.strictObject({ secretName: z.string() }),
            z.strictObject({ selfSigned: z.literal(true) }),
        ],
        { error: "must be either { secretName: <Secret> } or { selfSigned: true }" },
    ),
    /** How it is reached from outside the cluster. */
    exposure: z.union(
        [
            z.strictObject({ nodePort: z.number() }),
            z.strictObject({ loadBalancer: z.literal(true) }),
            z.strictObject({ ingressClass: z.string() }),
        ],
        {
            error: "must be { nodePort: <port> }, { loadBalancer: true } or { ingressClass: <class> }",
        },
    ),
    /** Number of pods; 2 when left out. */
    replicas: z.number().optional(),
});

const identity = z.strictObject({
    /** `iss` of the tokens, exactly as they carry it. */
    issuer: z.string(),
    /** Address of Keycloak for administration; without it nothing is created in any Keycloak. */
    adminUrl: z.string().optional(),
    /** Realm of the clients. */
    realm: z.string(),
    /** Whether the realm is made here; true when left out. */
    createRealm: z.boolean().optional(),
    /** Where pods read the signing keys; the issuer's own address when left out. */
    jwksUri: z.string().optional(),
    /** Private authority of the issuer's certificate. */
    ca: z
        .union(
            [
                z.strictObject({ certificate: z.string() }),
                z.strictObject({
                    configMap: z.string(),
                    namespace: z.string(),
                    key: z.string().optional(),
                }),
            ],
            { error: "must be { certificate: <PEM> } or { configMap, namespace, key? }" },
        )
        .optional(),
    /** Machine clients, the servers each may call, and scopes of tools that its tokens carry besides. */
    clients: z
        .array(
            z.strictObject({
                name: z.string(),
                servers: z.array(z.string()).min(1),
                scopes: z.array(z.string()).optional(),
            }),
        )
        .optional(),
});

/** Every key below `slipway:` but the secrets. Shapes only: rules and defaults are the components'. */
export const stackSettings = z.strictObject({
    namespace: z.string(),
    createNamespace: z.boolean().optional(),
    registry,
    gateway,
    identity,
    servers: z.array(serverSettings).min(1),
});

export type StackSettings = z.infer<typeof stackSettings>;
