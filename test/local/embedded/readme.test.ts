import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { readStackConfig, type StackConfig } from "../../../config/stackConfig.ts";
import { completeConfig, findOwnParts } from "../../../local/embedded/embeddedConfig.ts";
import type { StackConfiguration } from "../../../local/embedded/stackFile.ts";
import { projectRoot } from "../../../local/stack.ts";
import { recordResources } from "../../support/recordResources.ts";

describe("the stack of one's own in README.md", () => {
    const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
    const text = /```yaml\n(config:\n[^]*?)```/.exec(readme)?.[1] ?? "";
    const { config } = parse(text) as { config: StackConfiguration };

    it("is one of the embedded platform", () => {
        assert.deepEqual(findOwnParts({ config }), []);
    });

    it("is a valid stack when it is completed for the platform", async () => {
        const completed = Object.entries(completeConfig("mine", config, 30445));
        let read: StackConfig | undefined;
        await recordResources(
            () => {
                const login = { KEYCLOAK_USER: "admin", KEYCLOAK_PASSWORD: "a secret" };
                read = readStackConfig(undefined, undefined, login);
            },
            {
                config: Object.fromEntries(
                    completed.map(([key, value]) => [
                        key,
                        typeof value === "string" ? value : JSON.stringify(value),
                    ]),
                ),
            },
        );
        assert.deepEqual(
            read?.servers.map(({ name }) => name),
            ["notes", "time"],
        );
        assert.deepEqual(read.identity.clients?.[0]?.servers, ["notes", "time"]);
        assert.deepEqual(read.namespace, { namespace: "mine", create: undefined, protect: false });
    });
});
