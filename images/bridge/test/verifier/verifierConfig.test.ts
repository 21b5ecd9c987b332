import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readVerifierConfig } from "../../src/verifier/verifierConfig.ts";

function write(content: unknown): string {
    const file = join(mkdtempSync(join(tmpdir(), "verifier-")), "verifier.json");
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
}

const good = {
    issuer: "https://id.example.org/realms/r",
    jwksUri: "https://id:8443/certs",
    servers: [{ name: "add", resource: "https://mcp.example.org/add/mcp", scopes: ["mcp:add"] }],
};

describe("readVerifierConfig", () => {
    it("reads a configuration", () => {
        assert.deepEqual(readVerifierConfig(write(good)), good);
    });

    it("names everything that is wrong at once", () => {
        const file = write({
            issuer: "id",
            jwksUrl: good.jwksUri,
            servers: [
                { name: "a/b", resource: "mcp.example.org", scopes: ['"'] },
                ...good.servers,
                ...good.servers,
            ],
        });
        assert.throws(
            () => readVerifierConfig(file),
            ({ message }: Error) => {
                for (const path of ["issuer", "jwksUri", '"jwksUrl"', "servers[0].name"]) {
                    assert.ok(message.includes(path), `${path} in ${message}`);
                }
                return message.includes("servers[0].resource") && message.includes("scopes[0]");
            },
        );
    });

    it("refuses two servers of one name or resource", () => {
        const file = write({ ...good, servers: [...good.servers, ...good.servers] });
        assert.throws(() => readVerifierConfig(file), /must differ.*'add' again[^]*must differ/);
    });

    it("names a file that is missing, absent or no JSON", () => {
        assert.throws(() => readVerifierConfig(undefined), /SLIPWAY_VERIFIER_FILE: must name/);
        assert.throws(() => readVerifierConfig("/no/such"), /'\/no\/such': must be JSON: ENOENT/);
        assert.throws(() => readVerifierConfig(write("{")), /must be JSON/);
    });
});
