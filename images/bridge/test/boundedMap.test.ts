import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundedMap } from "../src/collections/boundedMap.ts";

describe("BoundedMap", () => {
    it("keeps the newest entries within its bounds, whatever is put into it and taken out", () => {
        const key = fc.string({ maxLength: 6 });
        const steps = fc.array(
            fc.record({ key, remove: fc.boolean(), value: fc.string({ maxLength: 4 }) }),
        );
        fc.assert(
            fc.property(steps, (all) => {
                const sizeOf = (name: string, value: string) => name.length + value.length;
                const map = new BoundedMap<string>({ entries: 5, size: 20, sizeOf });
                let model: [string, string][] = [];
                for (const step of all) {
                    model = model.filter(([name]) => name !== step.key);
                    if (step.remove) {
                        map.delete(step.key);
                    } else {
                        map.set(step.key, step.value);
                        model.push([step.key, step.value]);
                    }
                    const sum = () => model.reduce((s, entry) => s + sizeOf(...entry), 0);
                    while (model.length > 5 || sum() > 20) {
                        model.shift();
                    }
                    assert.deepEqual([map.count, map.size], [model.length, sum()]);
                    for (const [name, value] of model) {
                        assert.equal(map.get(name), value);
                    }
                }
            }),
        );
    });

    it("does not give up what it has for an entry that is too large for it", () => {
        const map = new BoundedMap<number>({ entries: 5, size: 10, sizeOf: (key) => key.length });
        map.set("kept", 1);
        map.set("much too large", 2);
        assert.deepEqual([map.get("kept"), map.get("much too large")], [1, undefined]);
    });
});
