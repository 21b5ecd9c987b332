import assert from "node:assert/strict";

import { listRules } from "../../local/cluster/firewall.ts";

describe("listRules", () => {
    const leadToNode = (machineHasRegistry: boolean) =>
        listRules("cable0", machineHasRegistry)
            .filter(({ chain }) => chain === "OUTPUT")
            .map(({ rule }) => rule[rule.indexOf("--dport") + 1]);

    it("redirects every port of the platform to the node", () => {
        assert.deepEqual(leadToNode(false), ["30443", "30444", "30500"]);
    });

    it("does not redirect the port of the machine's registry, and redirects the node to it", () => {
        assert.deepEqual(leadToNode(true), ["30443", "30444"]);
        const [rule] = listRules("cable0", true).filter(({ chain }) => chain === "PREROUTING");
        assert.match(
            rule?.rule.join(" ") ?? "",
            /^-i cable0 .*--dport 30500 -j DNAT .* 127\.0\.0\.1$/,
        );
    });
});
