import assert from "node:assert/strict";
import type { AccessToken } from "../../src/auth/accessToken.ts";
import { TokenMemory } from "../../src/auth/tokenMemory.ts";

const start = 1_800_000_000_000;

function tokenUntil(expiresAt: number): AccessToken {
    const principal = { subject: "user-1", client: "agent", scopes: [] };
    const origin = {
        issuer: "https://id.example.org",
        keyId: "key-1",
        sessionId: undefined,
        subject: "user-1",
        issuedAt: start,
    };
    return { principal, audiences: [], expiresAt, origin, certificate: undefined };
}

describe("TokenMemory", () => {
    it("knows a token for a minute", () => {
        const memory = new TokenMemory();
        const token = memory.remember("t", tokenUntil(start + 3_600_000), start);
        assert.equal(memory.recall("t", start + 59_999), token);
        assert.equal(memory.recall("t", start + 60_000), undefined);
    });

    it("knows a token until it ends when told so, but not once it was told to forget it", () => {
        const memory = new TokenMemory(Infinity);
        memory.remember("t", tokenUntil(start + 3_600_000), start);
        assert.notEqual(memory.recall("t", start + 3_599_999), undefined);
        assert.equal(memory.recall("t", start + 3_600_000), undefined);
        memory.forget("t");
        assert.equal(memory.recall("t", start), undefined);
    });

    it("knows a token no longer than it lasts", () => {
        const memory = new TokenMemory();
        memory.remember("t", tokenUntil(start + 1000), start);
        assert.notEqual(memory.recall("t", start + 999), undefined);
        assert.equal(memory.recall("t", start + 1000), undefined);
    });

    it("gives the same object again for a token that was looked at again", () => {
        const memory = new TokenMemory();
        const token = memory.remember("t", tokenUntil(start + 3_600_000), start);
        const again = memory.remember("t", tokenUntil(start + 3_600_000), start + 60_000);
        assert.equal(again, token);
        assert.equal(memory.recall("t", start + 60_001), token);
    });

    it("holds no more than 8 MiB, of the longest tokens too, and the newest of them", () => {
        const memory = new TokenMemory();
        const name = (index: number): string => String(index).padStart(8192, "t");
        for (let index = 0; index < 2000; index++) {
            memory.remember(name(index), tokenUntil(start + 3_600_000), start);
        }
        assert.equal(memory.size, 8 * 1024 * 1024);
        assert.equal(memory.recall(name(0), start), undefined);
        assert.notEqual(memory.recall(name(1999), start), undefined);
    });

    it("lets go of what is over when something new comes", () => {
        const memory = new TokenMemory();
        for (let index = 0; index < 100; index++) {
            memory.remember(`token-${index}`, tokenUntil(start + 3_600_000), start);
        }
        memory.remember("new", tokenUntil(start + 3_600_000), start + 60_000);
        assert.equal(memory.size, 3);
    });
});
