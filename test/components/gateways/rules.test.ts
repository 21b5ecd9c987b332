import assert from "node:assert/strict";

import type { Exposure } from "../../../components/gateways/gateway.ts";
import {
    type CheckedGateway,
    findAddressProblems,
    findCertificateProblems,
    findGatewayProblems,
    findIngressProblems,
    findRouteProblems,
} from "../../../components/gateways/rules.ts";

describe("findAddressProblems", () => {
    for (const host of ["localhost", "mcp.example.org", "a-1.b2", "192.0.2.7"]) {
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
        "192.0.2": /IPv4 address, got '192.0.2'/,
        "300.0.2.7": /IPv4 address, got '300.0.2.7'/,
        "2001:db8::1": /got the IPv6 address '2001:db8::1'/,
        "[2001:db8::1]": /got the IPv6 address '\[2001:db8::1\]'/,
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
    const cases: {
        prefixes: Record<string, string>;
        hosts?: Record<string, string>;
        paths: string[];
    }[] = [
        { prefixes: { a: "/a", b: "/b" }, paths: [] },
        { prefixes: { a: "/a", b: "/ab" }, paths: [] },
        { prefixes: { a: "/a", b: "/A" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "", b: "/b" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "/a", b: "" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "", b: "" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "", b: "/b" }, hosts: { a: "a.example.org" }, paths: [] },
        { prefixes: { a: "/a", b: "/a" }, hosts: { b: "b.example.org" }, paths: [] },
        {
            prefixes: { a: "/a", b: "/a/b" },
            hosts: { a: "a.example.org", b: "a.example.org" },
            paths: ["servers[1].prefix"],
        },
        {
            prefixes: { a: "/a", b: "/a" },
            hosts: { b: "mcp.example.org" },
            paths: ["servers[1].prefix"],
        },
        { prefixes: { a: "/a", b: "/a" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "/a", b: "/a/b" }, paths: ["servers[1].prefix"] },
        { prefixes: { a: "/a/b", b: "/a" }, paths: ["servers[1].prefix"] },
    ];
    for (const { prefixes, hosts = {}, paths } of cases) {
        it(`finds [${paths.join()}] wrong in ${JSON.stringify({ prefixes, hosts })}`, () => {
            const routes = Object.entries(prefixes).map(([server, prefix]) => ({
                server,
                prefix,
                host: hosts[server],
            }));
            assert.deepEqual(
                findRouteProblems("servers", routes, "mcp.example.org").map(({ path }) => path),
                paths,
            );
        });
    }
    it("refuses a duplicate name", () => {
        const routes = [
            { server: "a", prefix: "/a" },
            { server: "a", prefix: "/b" },
        ];
        assert.deepEqual(findRouteProblems("servers", routes, "mcp.example.org"), [
            {
                path: "servers[1].name",
                reason: "must be given once, got 'a' again; rename one of the two",
            },
        ]);
    });
});

describe("findCertificateProblems", () => {
    const cases = [
        { exposure: { loadBalancer: true }, paths: [] },
        { exposure: { ingressClass: "nginx" }, paths: ["servers[1].certificateBound"] },
    ];
    for (const { exposure, paths } of cases) {
        it(`finds [${paths.join(", ")}] wrong with ${JSON.stringify(exposure)}`, () => {
            const servers = [{}, { certificateBound: true }];
            const problems = findCertificateProblems("servers", servers, exposure);
            assert.deepEqual(
                problems.map(({ path }) => path),
                paths,
            );
        });
    }
});

describe("findIngressProblems", () => {
    it("refuses an address behind an Ingress only", () => {
        const find = (host: string, exposure: Exposure) =>
            findIngressProblems("gateway.host", host, exposure).map(({ path }) => path);
        assert.deepEqual(find("192.0.2.7", { ingressClass: "nginx" }), ["gateway.host"]);
        assert.deepEqual(find("192.0.2.7", { loadBalancer: true }), []);
        assert.deepEqual(find("mcp.example.org", { ingressClass: "nginx" }), []);
    });
});

describe("findGatewayProblems", () => {
    const tls = { selfSigned: true };
    const exposure = { loadBalancer: true };
    const choices: { gateway: CheckedGateway; wrong: Record<string, string> }[] = [
        { gateway: { tls, exposure }, wrong: {} },
        { gateway: { tls: { secretName: "a", selfSigned: false }, exposure }, wrong: {} },
        { gateway: { tls, exposure: { ingressClass: "a", loadBalancer: false } }, wrong: {} },
        {
            gateway: { tls, exposure, image: `r.example/nginx@sha256:${"0a".repeat(32)}` },
            wrong: {},
        },
        {
            gateway: { tls, exposure, image: "r.example/nginx:latest" },
            wrong: {
                image: "must end with a version tag such as ':1.4.0' or a digest '@sha256:…', got 'r.example/nginx:latest'",
            },
        },
        {
            gateway: { tls: {}, exposure: {} },
            wrong: {
                tls: "must have exactly one of secretName, selfSigned, got none",
                exposure: "must have exactly one of nodePort, loadBalancer, ingressClass, got none",
            },
        },
        {
            gateway: {
                tls: { secretName: "a", selfSigned: true },
                exposure: { nodePort: 80, ingressClass: "a" },
            },
            wrong: {
                tls: "must have exactly one of secretName, selfSigned, got secretName and selfSigned",
                exposure:
                    "must have exactly one of nodePort, loadBalancer, ingressClass, got nodePort and ingressClass",
                "exposure.nodePort": "must be 30000 to 32767, the range of Kubernetes, got 80",
            },
        },
    ];
    for (const { gateway, wrong } of choices) {
        it(`finds [${Object.keys(wrong).join()}] wrong in ${JSON.stringify(gateway)}`, () => {
            const found = findGatewayProblems(gateway).map(({ path, reason }) => [path, reason]);
            assert.deepEqual(Object.fromEntries(found), wrong);
        });
    }

    it("finds all values that Kubernetes would refuse", () => {
        const gateway = { tls, exposure: { nodePort: 80 }, replicas: 0, routes: [] };
        assert.deepEqual(
            findGatewayProblems(gateway).map(({ path }) => path),
            ["exposure.nodePort", "replicas", "routes"],
        );
    });

    it("refuses sizes of pods that contradict each other, and annotations of no Ingress", () => {
        const gateway = {
            tls,
            exposure,
            resources: { requests: { memory: "1Gi" } },
            verifier: { replicas: 0, resources: { limits: { cpu: "much" } } },
            ingressAnnotations: { a: "b" },
        };
        assert.deepEqual(
            findGatewayProblems(gateway).map(({ path }) => path),
            [
                "resources.requests.memory",
                "verifier.resources.limits.cpu",
                "verifier.replicas",
                "ingressAnnotations",
            ],
        );
    });
});
