import assert from "node:assert/strict";

import { findMarkedRules } from "../../local/cluster/firewall.ts";
import { findMachineProblems } from "../../local/cluster/machineProblems.ts";
import { readProxies } from "../../local/cluster/proxies.ts";
import { createServer } from "node:net";

describe("findMarkedRules", () => {
    it("returns the deletion of every rule with our comment, and of no other rule", () => {
        const saved = [
            "*nat",
            ":OUTPUT ACCEPT [0:0]",
            '-A OUTPUT -m comment --comment "slipway docks" -j ACCEPT',
            "-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 30500 -m comment --comment slipway -j DNAT --to-destination 10.203.0.2",
            "-A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE",
            "-A OLD -m comment --comment slipway",
            "COMMIT",
        ].join("\n");
        assert.deepEqual(
            findMarkedRules(saved).map((args) => args.join(" ")),
            [
                "-D OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 30500 -m comment --comment slipway -j DNAT --to-destination 10.203.0.2",
                "-D OLD -m comment --comment slipway",
            ],
        );
    });
});

describe("readProxies", () => {
    it("returns an empty object without a proxy", () => {
        assert.deepEqual(readProxies({ NO_PROXY: "example.org" }), {});
    });

    it("passes proxies on, and excludes local addresses", () => {
        const proxies = readProxies({ https_proxy: "http://proxy:3128", NO_PROXY: "example.org" });
        assert.equal(proxies["https_proxy"], "http://proxy:3128");
        assert.match(proxies["NO_PROXY"] ?? "", /^example\.org,localhost,.*\.svc/);
        assert.equal(proxies["no_proxy"], proxies["NO_PROXY"]);
    });
});

describe("findMachineProblems", () => {
    it("names a port in use, its purpose, and how to find its owner", async () => {
        const server = createServer();
        const listening = await new Promise<boolean>((resolve) => {
            server.once("error", () => resolve(false));
            server.listen(30444, "127.0.0.1", () => resolve(true));
        });
        try {
            const problems = await findMachineProblems();
            assert.match(problems.join("\n"), /port 30444 .* keycloak.*ss -ltnp/);
        } finally {
            if (listening) server.close();
        }
    });
});
