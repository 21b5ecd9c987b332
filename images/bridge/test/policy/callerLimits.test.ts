import assert from "node:assert/strict";
import fc from "fast-check";
import { CallerLimits } from "../../src/policy/callerLimits.ts";
import { anonymous } from "../../src/principal.ts";

const caller = (subject: string, client = "agent") => ({ subject, client, scopes: [] });

describe("CallerLimits", () => {
    it("gives each caller its own share, also over several tokens", () => {
        const limits = new CallerLimits(2);
        assert.equal(limits.enter(caller("a")), true);
        assert.equal(limits.enter(caller("a")), true);
        assert.equal(limits.enter(caller("a")), false);
        assert.equal(limits.enter(caller("b")), true);
        assert.equal(limits.enter(caller("a", "other client")), true);
    });

    it("lets a caller in again when one of its requests is over", () => {
        const limits = new CallerLimits(1);
        const principal = caller("a");
        assert.equal(limits.enter(principal), true);
        assert.equal(limits.enter(principal), false);
        limits.leave(caller("a"));
        assert.equal(limits.enter(principal), true);
    });

    it("counts nobody of whom nothing is known", () => {
        const limits = new CallerLimits(1);
        for (let index = 0; index < 10; index++) {
            assert.equal(limits.enter(anonymous), true);
        }
        limits.leave(anonymous);
        assert.equal(limits.callers, 0);
    });

    it("keeps nothing of callers that have nothing in flight, and never counts below zero", () => {
        const subject = fc.constantFrom("a", "b", "c");
        fc.assert(
            fc.property(fc.array(subject), fc.nat({ max: 3 }), (subjects, limit) => {
                const limits = new CallerLimits(limit);
                const entered = subjects.filter((name) => limits.enter(caller(name)));
                for (const name of new Set(subjects)) {
                    const count = entered.filter((other) => other === name).length;
                    const asked = subjects.filter((other) => other === name).length;
                    assert.equal(count, Math.min(asked, limit));
                }
                for (const name of [...entered, "a"]) {
                    limits.leave(caller(name));
                }
                assert.equal(limits.callers, 0);
                assert.equal(limits.enter(caller("a")), limit > 0);
            }),
        );
    });
});
