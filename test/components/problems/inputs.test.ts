import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { Identity, ServerDeployment, ServerNamespace } from "../../../components/index.ts";
import { findInputProblems, isPlain } from "../../../components/problems/inputs.ts";
import { type FakeStack, openFakeStack } from "../../providers/fakeStack.ts";

describe("isPlain", () => {
    for (const value of [undefined, null, 1, "a", [], { a: [{ b: 1 }] }]) {
        it(`is true for ${JSON.stringify(value)}`, () => assert.equal(isPlain(value), true));
    }

    it("is false with an Output or a promise in any place", () => {
        for (const later of [pulumi.output(1), Promise.resolve(1)]) {
            for (const value of [later, [later], { a: { b: later } }]) {
                assert.equal(isPlain<unknown>(value), false);
            }
        }
    });
});

describe("findInputProblems", () => {
    const find = (value: number) => [{ path: "port", reason: `got ${value}` }];

    it("applies the rule to a plain value only", () => {
        assert.deepEqual(findInputProblems(1, find), [{ path: "port", reason: "got 1" }]);
        assert.deepEqual(findInputProblems(pulumi.output(1), find), []);
        assert.deepEqual(findInputProblems<number>(undefined, find), []);
    });
});

/** The real engine: what happens to a rejected Output is its business. */
describe("an Output whose value is invalid", function () {
    this.timeout(120_000);
    const server = { namespace: "tools", image: "weather:1.0.0", gatewayPods: {} };
    const cases: { key: string; deploy: (later: boolean) => unknown; message: RegExp }[] = [
        {
            key: "replicas.max",
            deploy: (later) => {
                const max = later ? pulumi.output(1) : 1;
                return new ServerDeployment("weather", { ...server, replicas: { min: 2, max } });
            },
            message: /- replicas\.max: must not be below replicas\.min \(2\), got 1/,
        },
        {
            key: "resources.requests.memory",
            deploy: (later) => {
                const memory = later ? pulumi.output("1Gi") : "1Gi";
                const resources = { requests: { memory } };
                return new ServerDeployment("weather", { ...server, resources });
            },
            message: /- resources\.requests\.memory: must not be above .*'512Mi'\), got '1Gi'/,
        },
        {
            key: "egress[].cidr",
            deploy: (later) => {
                const cidr = later ? pulumi.output("10.0.0.1") : "10.0.0.1";
                return new ServerDeployment("weather", { ...server, egress: [{ cidr }] });
            },
            message: /- egress\[0\]\.cidr: must be addresses with a mask, got '10\.0\.0\.1'/,
        },
        {
            key: "issuer",
            deploy: (later) => {
                const url = "http://auth.example.org";
                const issuer = later ? pulumi.output(url) : url;
                return new Identity("login", { issuer, servers: {}, namespace: "tools" });
            },
            message: /- issuer: must be an https URL, got 'http:\/\/auth\.example\.org'/,
        },
        {
            key: "registry.address",
            deploy: (later) => {
                const url = "https://ghcr.io";
                const address = later ? pulumi.output(url) : url;
                const registry = { address, username: "robot", password: "a" };
                return new ServerNamespace("tools", { namespace: "tools", registry });
            },
            message: /- registry\.address: must be a host .*, got 'https:\/\/ghcr\.io'/,
        },
    ];
    let stack: FakeStack;

    before(async () => {
        stack = await openFakeStack();
    });

    after(async () => {
        await stack.close();
    });

    for (const { key, deploy, message } of cases) {
        for (const later of [false, true]) {
            it(`fails the program for '${key}' ${later ? "once it is known" : "when it is plain"}`, async () => {
                stack.opened.use(() => {
                    deploy(later);
                    return Promise.resolve({});
                });
                await assert.rejects(stack.opened.stack.preview(), (error: Error) => {
                    assert.match(error.message, /invalid arguments/);
                    assert.match(error.message, message);
                    return true;
                });
            });
        }
    }
});
