import assert from "node:assert/strict";
import {
    CallerShares,
    idleness,
    shareOf,
    type Held,
    type Idleness,
} from "../../src/collections/callerShares.ts";

type Item = Held & { name: string };

/** What callers hold, in order of use: `a:idle` is an idle thing of caller `a`; `?` is a caller of whom nothing is known. */
type Holding = `${string}:${keyof typeof idleness}`;

function hold(max: number, holdings: Holding[]): CallerShares<Item> {
    const shares = new CallerShares<Item>(max);
    holdings.forEach((holding, index) => {
        const [caller = "", how = "idle"] = holding.split(":") as [string, keyof typeof idleness];
        const state: Idleness = idleness[how];
        const item = { name: `${index} ${holding}`, usedAt: index, idleness: state };
        shares.add(nameOf(caller), item);
    });
    return shares;
}

function nameOf(caller: string): string | undefined {
    return caller === "?" ? undefined : caller;
}

describe("room for one more", () => {
    const rows: [what: string, max: number, holdings: Holding[], caller: string, room: string][] = [
        ["is there while there is any", 4, ["a:busy", "a:busy"], "a", "yes"],
        [
            "is made by the caller's own idle thing",
            3,
            ["b:idle", "a:busy", "a:idle"],
            "a",
            "2 a:idle",
        ],
        [
            "is made by what the caller used longest ago",
            3,
            ["a:idle", "a:idle", "a:idle"],
            "a",
            "0 a:idle",
        ],
        ["is never made by what is busy", 3, ["a:busy", "a:busy", "b:busy"], "c", "no"],
        [
            "is made by the caller that holds the most",
            4,
            ["b:idle", "a:idle", "a:idle", "a:busy"],
            "c",
            "1 a:idle",
        ],
        [
            "is made by the next one when all of that are busy",
            4,
            ["b:idle", "a:busy", "a:busy", "a:busy"],
            "c",
            "0 b:idle",
        ],
        [
            "is made by what was unused longest among equals",
            2,
            ["b:idle", "a:idle"],
            "c",
            "0 b:idle",
        ],
        ["is not taken from one who holds less", 3, ["b:idle", "a:busy", "a:busy"], "a", "no"],
        [
            "is made by what only listens, when nothing is idle",
            2,
            ["a:listening", "a:busy"],
            "b",
            "0 a:listening",
        ],
        [
            "is made by what is idle before what listens",
            2,
            ["a:listening", "a:idle"],
            "b",
            "1 a:idle",
        ],
        [
            "is all for a caller as long as nobody else wants it",
            5,
            ["a:busy", "a:busy", "a:busy", "a:busy"],
            "a",
            "yes",
        ],
        [
            "is kept from it as soon as another caller has some",
            8,
            ["b:busy", ...Array<Holding>(6).fill("a:busy")],
            "a",
            "no",
        ],
        ["is kept for another caller", 4, ["a:busy", "a:busy", "a:busy"], "b", "yes"],
        [
            "is made by an own thing beyond three quarters",
            5,
            ["b:busy", "a:busy", "a:idle", "a:busy", "a:busy"],
            "a",
            "2 a:idle",
        ],
        [
            "is all for callers of whom nothing is known, while nobody else wants it",
            4,
            ["?:busy", "?:busy", "?:busy"],
            "?",
            "yes",
        ],
        [
            "is made by callers of whom nothing is known like by any other",
            4,
            ["?:idle", "?:busy", "?:busy", "?:busy"],
            "a",
            "0 ?:idle",
        ],
    ];
    for (const [what, max, holdings, caller, room] of rows) {
        it(what, () => {
            const found = hold(max, holdings).findRoom(nameOf(caller));
            assert.equal(typeof found === "string" ? found : found.name, room);
        });
    }

    it("is kept for a caller that found none a moment ago", () => {
        const shares = hold(4, ["a:busy", "a:busy", "a:busy", "a:busy"]);
        assert.equal(shares.findRoom("b"), "no");
        const held = { name: "held", usedAt: 0, idleness: idleness.busy };
        const freed = hold(4, ["a:busy", "a:busy", "a:busy"]);
        freed.add("a", held);
        assert.equal(freed.findRoom("b"), "no");
        freed.remove("a", held);
        assert.equal(freed.findRoom("a"), "no");
        assert.equal(freed.findRoom("b"), "yes");
    });

    it("comes back when a thing is removed, once however often it is", () => {
        const shares = hold(1, []);
        const item = { name: "x", usedAt: 0, idleness: idleness.busy };
        shares.add("a", item);
        shares.remove("a", item);
        shares.remove("a", item);
        assert.deepEqual([shares.size, shares.heldBy("a"), shares.findRoom("a")], [0, 0, "yes"]);
    });

    it("is three quarters of all for one known caller, but at least one", () => {
        assert.deepEqual([1, 2, 3, 4, 32].map(shareOf), [1, 2, 3, 3, 24]);
    });
});
