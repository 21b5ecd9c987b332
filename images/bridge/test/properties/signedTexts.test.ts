import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Signer } from "../../src/auth/signedText.ts";
import { jsonObject, text } from "./arbitraries.ts";

const key = randomBytes(32);
const signer = new Signer(key, "session");

describe("signed texts", () => {
    it("give back what was signed, in characters that a header can carry", () => {
        fc.assert(
            fc.property(jsonObject, (content) => {
                const signed = signer.sign(content);
                assert.match(signed, /^[\x21-\x7e]+$/);
                assert.deepEqual(signer.open(signed), content);
                assert.deepEqual(new Signer(key, "session").open(signed), content);
            }),
        );
    });

    it("say nothing when they were made by another key or for another purpose", () => {
        fc.assert(
            fc.property(jsonObject, (content) => {
                const signed = signer.sign(content);
                assert.equal(new Signer(randomBytes(32), "session").open(signed), undefined);
                assert.equal(new Signer(key, "state").open(signed), undefined);
            }),
        );
    });

    it("never say anything else after a change, and never fail", () => {
        fc.assert(
            fc.property(jsonObject, fc.nat(), fc.nat(3), text, (content, at, removed, added) => {
                const signed = signer.sign(content);
                const place = at % signed.length;
                const changed = signed.slice(0, place) + added + signed.slice(place + removed);
                const same = changed === signed;
                assert.deepEqual(signer.open(changed), same ? content : undefined);
                assert.equal(signer.open(added), undefined);
            }),
            { numRuns: 1000 },
        );
    });
});
