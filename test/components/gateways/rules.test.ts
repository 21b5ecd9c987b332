import assert from "node:assert/strict";

import {
    findAddressProblems,
    findGatewayProblems,
    findRouteProblems,
} from "../../../components/gateways/rules.ts";

describe("findAddressProblems", () => {
    for (const host of ["localhost", "mcp.example.org", "a-1.b2"]) {
        it(`accepts '${host}'`, () =>
            assert.deepEqual(findAddressProblems("gateway", { host }), []));
    }
    const refused = {
        "https://mcp.example.org": /did you mean 'mcp.example.org'\?/,
        "mcp.example.org:8443": /did you mean 'mcp.example.org'\?/,
        "mcp.example.org/tools": /did you mean 'mcp.example.org'\?/,
        "MCP.example.org": /did you mean 'mcp.example.org'\?/,
        "": /got ''$/,
        "a..b": /got 'a..b'/,
    };
    for (const [host, reason] of Object.entries(refused)) {
        it(`refuses '${host}'`, () => {
            const [problem, ...others] = findAddressProblems("gateway", { host });
            assert.equal(problem?.path, "gateway.host");
            assert.match(problem.reason, reason);
            assert.deepEqual(others, []);
        });
    }
    it("refuses an invalid port", () => {
        const [problem] = findAddressProblems("gateway", { host: "localhost", port: 0 });
        assert.equal(problem?.path, "gateway.port");
    });
});

describe("findRouteProblems", () => {
    const cases = [
        { prefixes: { a: "/a", b: "/b" }, paths: [] },
        { prefixes: { a: "/a", b: "/ab" }, paths: [] },
        { prefixes: { a: "/a", b: "/a" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "/a", b: "/a/b" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "/a/b", b: "/a" }, paths: ["servers[1].prefix"] },
    ];
    for (const { prefixes, paths } of cases) {
        it(`finds [${paths.join()}] wrong in ${JSON.stringify(prefixes)}`, () => {
            const routes = Object.entries(prefixes).map(([server, prefix]) => ({ server, prefix }));
            assert.deepEqual(
                findRouteProblems("servers", routes).map(({ path }) => path),
                paths,
            );
        });
    }
    it("refuses a duplicate name", () => {
        const routes = [
            { server: "a", prefix: "/a" },
            { server: "a", prefix: "/b" },
        ];
        assert.deepEqual(findRouteProblems("servers", routes), [
            {
                path: "servers[1].name",
                reason: "must be given once, got 'a' again; rename one of the two",
            },
        ]);
    });
});

describe("findGatewayProblems", () => {
    it("finds all values that Kubernetes would refuse", () => {
        const gateway = { exposure: { nodePort: 80 }, replicas: 0, routes: [] };
        assert.deepEqual(
            findGatewayProblems(gateway).map(({ path }) => path),
            ["exposure.nodePort", "replicas", "routes"],
        );
    });
});
