import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { readStackOutputs } from "../../local/stack.ts";
import { testStack } from "./testStack.ts";

describe("a secret of the stack", () => {
    it("is nowhere in the state as plain text", async () => {
        const { outputs, target } = await testStack();
        // What lies on the disk, history and backups included: an export would decrypt it.
        const directory = join(target.stateDirectory!, "state");
        const entries = await readdir(directory, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile());
        const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8"));
        const state = (await Promise.all(texts)).join("\n");
        assert.ok(state.includes("slipway:index:Identity"), "the state was read");
        const secrets = Object.values(outputs.clientSecrets);
        assert.equal(secrets.length, 3);
        for (const secret of secrets) {
            const forms = [secret, Buffer.from(secret).toString("base64")];
            for (const form of forms) assert.equal(state.includes(form), false, "client secret");
        }
        assert.doesNotMatch(state, /PRIVATE KEY/);
        assert.equal(state.includes(process.env["KEYCLOAK_PASSWORD"]!), false, "administrator");
    });

    it("is shown by 'npm run outputs' only when asked for", async () => {
        const { outputs, target } = await testStack();
        const hidden = await readStackOutputs(target, false);
        assert.equal(hidden["clientSecrets"], "[secret]");
        assert.deepEqual(hidden["endpoints"], outputs.endpoints);
        const shown = await readStackOutputs(target, true);
        assert.deepEqual(shown["clientSecrets"], outputs.clientSecrets);
    });
});
