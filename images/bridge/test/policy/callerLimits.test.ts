import assert from "node:assert/strict";
import fc from "fast-check";
import { CallerLimits } from "../../src/policy/callerLimits.ts";
import { anonymous } from "../../src/auth/principal.ts";

const caller = (subject: string, client = "agent") => ({ subject, client, scopes: [] });

describe("CallerLimits", () => {
    it("gives each caller its own share, also over several tokens", () => {
        const limits = new CallerLimits(2);
        assert.notEqual(limits.enter(caller("a")), undefined);
        assert.notEqual(limits.enter(caller("a")), undefined);
        assert.equal(limits.enter(caller("a")), undefined);
        assert.notEqual(limits.enter(caller("b")), undefined);
        assert.notEqual(limits.enter(caller("a", "other client")), undefined);
    });

    it("lets a caller in again when one of its requests is over", () => {
        const limits = new CallerLimits(1);
        const principal = caller("a");
        const leave = limits.enter(principal);
        assert.equal(limits.enter(principal), undefined);
        assert.equal(limits.enter(caller("a")), undefined);
        leave?.();
        assert.notEqual(limits.enter(caller("a")), undefined);
        assert.equal(limits.enter(principal), undefined);
    });

    it("counts nobody of whom nothing is known", () => {
        const limits = new CallerLimits(1);
        for (let index = 0; index < 10; index++) {
            assert.notEqual(limits.enter(anonymous), undefined);
        }
        assert.equal(limits.callers, 0);
    });

    it("counts each caller by itself, whatever comes and goes", () => {
        const subject = fc.constantFrom("a", "b", "c");
        fc.assert(
            fc.property(fc.array(subject), fc.nat({ max: 3 }), (subjects, limit) => {
                const limits = new CallerLimits(limit);
                const entered = subjects.flatMap((name) => {
                    const leave = limits.enter(caller(name));
                    return leave === undefined ? [] : [{ name, leave }];
                });
                for (const name of new Set(subjects)) {
                    const count = entered.filter((other) => other.name === name).length;
                    const asked = subjects.filter((other) => other === name).length;
                    assert.equal(count, Math.min(asked, limit));
                }
                entered.forEach(({ leave }) => leave());
                assert.equal(limits.enter(caller("a")) !== undefined, limit > 0);
            }),
        );
    });

    it("keeps no more than a thousand callers that have nothing in flight, and loses no count by that", () => {
        const limits = new CallerLimits(1);
        const [busy, idle] = [caller("busy"), caller("idle")];
        const leave = limits.enter(busy);
        limits.enter(idle)?.();
        for (let index = 0; index < 5000; index++) {
            limits.enter(caller(`user-${index}`))?.();
        }
        assert.ok(limits.callers <= 1024, `${limits.callers} callers`);
        assert.equal(limits.enter(busy), undefined);
        // Forgotten in between, and known by a token that was seen before: still one count.
        assert.notEqual(limits.enter(idle), undefined);
        assert.equal(limits.enter(caller("idle")), undefined);
        leave?.();
        assert.notEqual(limits.enter(busy), undefined);
    });
});
