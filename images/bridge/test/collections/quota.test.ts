import assert from "node:assert/strict";
import { Quota } from "../../src/collections/quota.ts";

describe("a quota", () => {
    const create = (): Quota => new Quota({ count: 2, bytes: 100 }, { count: 3, bytes: 150 });

    const rows: [
        what: string,
        taken: [caller: string, bytes: number][],
        next: [string, number],
        fits: boolean,
    ][] = [
        ["allows what fits", [["a", 50]], ["a", 50], true],
        ["refuses more bytes of one caller", [["a", 60]], ["a", 41], false],
        [
            "refuses more things of one caller",
            [
                ["a", 1],
                ["a", 1],
            ],
            ["a", 1],
            false,
        ],
        ["allows another caller what the first may not have", [["a", 100]], ["b", 50], true],
        ["refuses more bytes in all", [["a", 100]], ["b", 51], false],
        [
            "refuses more things in all",
            [
                ["a", 1],
                ["a", 1],
                ["b", 1],
            ],
            ["c", 1],
            false,
        ],
    ];
    for (const [what, taken, [caller, bytes], fits] of rows) {
        it(what, () => {
            const quota = create();
            for (const [by, size] of taken) {
                assert.equal(quota.take(by, size), true);
            }
            const before = quota.bytes;
            assert.equal(quota.take(caller, bytes), fits);
            assert.equal(quota.bytes, fits ? before + bytes : before);
        });
    }

    it("allows again what was given back", () => {
        const quota = create();
        quota.take("a", 100);
        quota.give("a", 100);
        assert.equal(quota.bytes, 0);
        assert.equal(quota.take("a", 100), true);
    });
});
