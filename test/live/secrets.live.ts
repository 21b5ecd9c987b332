import assert from "node:assert/strict";

import { devStateDirectory, readStackOutputs } from "../../local/stack.ts";
import { devStack } from "./devStack.ts";

describe("a secret of the stack", () => {
    it("is nowhere in the state as plain text", async () => {
        const { outputs, stack } = await devStack();
        const state = JSON.stringify(await stack.exportStack());
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
        const { outputs } = await devStack();
        const target = { name: "dev", environment: {}, stateDirectory: devStateDirectory() };
        const hidden = await readStackOutputs(target, false);
        assert.equal(hidden["clientSecrets"], "[secret]");
        assert.deepEqual(hidden["endpoints"], outputs.endpoints);
        const shown = await readStackOutputs(target, true);
        assert.deepEqual(shown["clientSecrets"], outputs.clientSecrets);
    });
});
