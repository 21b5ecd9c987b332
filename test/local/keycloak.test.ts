import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureAdministrator } from "../../local/keycloak/administrator.ts";

describe("ensureAdministrator", () => {
    let directory: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-administrator-"));
    });

    afterEach(() => rm(directory, { recursive: true }));

    it("generates a password once, readable by its owner only", async () => {
        const file = join(directory, "keycloak/administrator.json");
        const made = await ensureAdministrator(file);
        assert.deepEqual(await ensureAdministrator(file), made);
        assert.equal((await stat(file)).mode & 0o777, 0o600);
        assert.ok(made.password.length >= 32);
    });

    it("generates a different password for other data", async () => {
        const [one, two] = ["one", "two"].map((name) => ensureAdministrator(join(directory, name)));
        assert.notEqual((await one)?.password, (await two)?.password);
    });
});
