import assert from "node:assert/strict";
import * as z from "zod";

import { buildServerJson } from "../../../components/clients/serverJson.ts";

/** The parts of the registry's schema 2025-12-11 that an entry with remotes uses. */
const entrySchema = z.strictObject({
    $schema: z.literal(
        "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    ),
    name: z
        .string()
        .min(3)
        .max(200)
        .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
    description: z.string().min(1).max(100),
    version: z
        .string()
        .max(255)
        .regex(/^\d+\.\d+\.\d+$/),
    remotes: z.tuple([
        z.strictObject({
            type: z.literal("streamable-http"),
            url: z.url({ protocol: /^https$/ }),
            headers: z.tuple([
                z.strictObject({
                    name: z.literal("Authorization"),
                    description: z.string(),
                    value: z.literal("Bearer {token}"),
                    isRequired: z.literal(true),
                    isSecret: z.literal(true),
                    variables: z.strictObject({
                        token: z.strictObject({
                            isRequired: z.literal(true),
                            isSecret: z.literal(true),
                        }),
                    }),
                }),
            ]),
        }),
    ]),
});

describe("buildServerJson", () => {
    const cases = [
        { url: "https://mcp.example.org/docs/mcp", name: "org.example.mcp/docs" },
        { url: "https://localhost:30443/docs/mcp", name: "localhost/docs" },
        { url: "https://192.0.2.7/docs/mcp", name: "192.0.2.7/docs" },
        {
            url: `https://${"a".repeat(60)}.${"b".repeat(60)}.example.org/docs/mcp`,
            name: `org.example.${"b".repeat(60)}.${"a".repeat(60)}/docs`,
        },
    ];
    for (const { url, name } of cases) {
        it(`names the server at ${new URL(url).hostname.slice(0, 30)} in reverse order of its host`, () => {
            const entry = entrySchema.parse(JSON.parse(buildServerJson(url, "docs")));
            assert.equal(entry.name, name);
            assert.equal(entry.remotes[0].url, url);
        });
    }
});
