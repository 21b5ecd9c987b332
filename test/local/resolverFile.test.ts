import assert from "node:assert/strict";

import { selectNameServers } from "../../local/cluster/resolverFile.ts";

describe("selectNameServers", () => {
    const cases: [string, string[], string[]][] = [
        [
            "all name servers of the machine",
            ["nameserver 10.0.0.1\nnameserver 10.0.0.2\n"],
            ["10.0.0.1", "10.0.0.2"],
        ],
        [
            "the upstream servers of a resolver on the loopback",
            ["nameserver 127.0.0.53\n", "nameserver 10.0.0.1"],
            ["10.0.0.1"],
        ],
        ["no server on the loopback", ["nameserver ::1\nnameserver 10.0.0.1\n"], ["10.0.0.1"]],
        ["no server from a comment", ["# nameserver 10.0.0.9\nsearch example.org\n"], []],
    ];
    for (const [what, texts, expected] of cases) {
        it(`returns ${what}`, () => {
            assert.deepEqual(selectNameServers(texts), expected);
        });
    }
});
