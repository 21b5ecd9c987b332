import * as z from "zod";

const probe = z.object({
    tool: z.string(),
    args: z.record(z.string(), z.unknown()).default({}),
    expect: z.string(),
    scopes: z.array(z.string()).default([]),
});

const outputs = z.object({
    endpoints: z.record(z.string(), z.url()),
    clients: z.record(
        z.string(),
        z.object({
            clientId: z.string(),
            tokenEndpoint: z.url(),
            secretName: z.string(),
            servers: z.array(z.string()),
            scopes: z.array(z.string()).default([]),
        }),
    ),
    clientSecrets: z.record(z.string(), z.string()),
    interactiveClientId: z.string().optional(),
    issuer: z.url().optional(),
    caCertificates: z.string().optional(),
    probes: z.record(z.string(), probe).default({}),
});

/** Outputs of a stack; see the exports of `index.ts`. */
export type StackOutputs = z.infer<typeof outputs>;
export type Probe = z.infer<typeof probe>;

/** Checks that `values` are the outputs of a deployed stack of this project. */
export function parseOutputs(values: Record<string, unknown>): StackOutputs {
    const result = outputs.safeParse(values);
    if (!result.success) {
        throw new Error(
            `stack outputs: must be those of a deployed stack:\n${z.prettifyError(result.error)}\nrun 'npm run up' first`,
        );
    }
    return result.data;
}
