import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { keycloakSettings } from "../../config/keycloakLogin.ts";
import { listKeys } from "../../config/keys.ts";
import { renderProjectFile, renderReference } from "../../config/reference.ts";
import { stackSecrets, stackSettings } from "../../config/stackSettings.ts";

describe("docs/configuration.md", () => {
    it("is up to date with the schemas; 'npm run docs' writes it", () => {
        assert.equal(readFileSync("docs/configuration.md", "utf8"), renderReference());
    });
});

describe("Pulumi.yaml", () => {
    it("is up to date with the schemas; 'npm run docs' writes it", () => {
        const project = readFileSync("Pulumi.yaml", "utf8");
        assert.equal(project, renderProjectFile(project));
    });
});

describe("the schema of the configuration", () => {
    for (const key of [stackSettings, stackSecrets, keycloakSettings].flatMap((schema) =>
        listKeys(schema),
    )) {
        it(`documents '${key.path}', with a valid example and the effect of leaving it out`, () => {
            assert.match(key.description, /^\S.{2,150}[^.]$/);
            assert.ok(key.schema.safeParse(key.example).success, JSON.stringify(key.example));
            assert.notDeepEqual(key.example, key.default);
            const effects = [key.required, key.default !== undefined, key.absent !== undefined];
            assert.equal(effects.filter(Boolean).length, 1, effects.join());
            if (key.default !== undefined) assert.ok(key.schema.safeParse(key.default).success);
        });
    }
});
