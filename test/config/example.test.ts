import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { readStackConfig, type StackConfig } from "../../config/stackConfig.ts";
import { projectRoot } from "../../local/stack.ts";
import { recordResources } from "../support/recordResources.ts";

const example = readFileSync(join(projectRoot, "Pulumi.prod.yaml.example"), "utf8");

/** Reads the example as `pulumi` does, with the secrets that it tells its reader to set. */
async function readExample(text: string): Promise<StackConfig> {
    const { config } = parse(text) as { config: Record<string, unknown> };
    const plain = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const secrets = [...text.matchAll(/config set --secret (\w+)/g)].map(([, key]) => [
        `slipway:${key}`,
        "a secret",
    ]);
    let read: StackConfig | undefined;
    await recordResources(
        () => {
            const login = { KEYCLOAK_USER: "admin", KEYCLOAK_PASSWORD: "a secret" };
            read = readStackConfig(undefined, undefined, login);
        },
        {
            config: {
                ...(Object.fromEntries([...plain, ...secrets]) as Record<string, string>),
                "kubernetes:context": "prod",
            },
            secretKeys: secrets.map(([key]) => key!),
        },
    );
    return read!;
}

describe("Pulumi.prod.yaml.example", () => {
    it("is a valid stack, with the secrets that it tells to set", async () => {
        const { servers, images, registry } = await readExample(example);
        assert.deepEqual(
            servers.map(({ name }) => name),
            ["weather", "search", "sqlite"],
        );
        assert.deepEqual(
            images.map(({ name }) => name),
            ["bridge", "add-numbers", "npm-upstash-context7-mcp", "pypi-mcp-server-sqlite"],
        );
        assert.notEqual(registry.password, undefined);
    });

    it("names every secret: without one of them it is refused with the command that sets it", async () => {
        const without = example.replace("pulumi config set --secret weatherKey", "");
        await assert.rejects(
            readExample(without),
            /servers\[0\]\.secrets\.API_KEY: .*pulumi config set --secret weatherKey/,
        );
    });
});
