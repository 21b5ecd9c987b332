import assert from "node:assert/strict";

import {
    type CheckedApisix,
    findApisixProblems,
} from "../../../../components/gateways/apisix/rules.ts";
import { ApisixGateway } from "../../../../components/index.ts";
import { recordResources } from "../../../support/recordResources.ts";
import { buildRoute, buildRoutingArgs } from "../routingArgs.ts";

describe("findApisixProblems", () => {
    const limit = { server: "weather", tools: ["forecast"], calls: 1, seconds: 1 };
    const cases: { given: unknown; paths: string[] }[] = [
        { given: {}, paths: [] },
        { given: { toolLimits: [limit], callerLimits: { callsPerMinute: 1 } }, paths: [] },
        { given: { authentication: "jwks", openidConnect: {} }, paths: [] },
        { given: { authentication: "basic" }, paths: ["authentication"] },
        { given: { authentication: "introspection" }, paths: ["openidConnect.clientSecretName"] },
        { given: { openidConnect: {} }, paths: ["openidConnect"] },
        { given: { ingressClassName: "Apisix" }, paths: ["ingressClassName"] },
        {
            given: { enterpriseInference: { namespace: "a b" } },
            paths: ["enterpriseInference.namespace"],
        },
        {
            given: { callerLimits: { concurrentCalls: 0 } },
            paths: ["callerLimits.concurrentCalls"],
        },
        {
            given: { toolLimits: [{ ...limit, server: "wether" }] },
            paths: ["toolLimits[0].server"],
        },
        {
            given: { toolLimits: [limit, { ...limit, calls: 1.5, seconds: 0, tools: ["a b"] }] },
            paths: ["toolLimits[1].calls", "toolLimits[1].seconds", "toolLimits[1].tools"],
        },
        { given: { toolLimits: [{ ...limit, tools: [] }] }, paths: ["toolLimits[0].tools"] },
        {
            given: { install: { serviceType: "Ingress", chartVersion: "^2", namespace: "A" } },
            paths: ["install.namespace", "install.serviceType", "install.chartVersion"],
        },
    ];
    for (const { given, paths } of cases) {
        it(`finds [${paths.join(", ")}] wrong in ${JSON.stringify(given)}`, () => {
            const problems = findApisixProblems(given as CheckedApisix, ["weather"]);
            assert.deepEqual(
                problems.map(({ path }) => path),
                paths,
            );
        });
    }

    it("proposes the server that was meant", () => {
        const limits = { toolLimits: [{ ...limit, server: "wether" }] };
        const [problem] = findApisixProblems(limits, ["weather"]);
        const reason = "must be the name of a server, got 'wether'; did you mean 'weather'?";
        assert.equal(problem?.reason, reason);
    });
});

describe("the arguments of ApisixGateway", () => {
    it("are refused all at once, an address as host among them", async () => {
        const args = {
            ...buildRoutingArgs([buildRoute("weather"), buildRoute("weather")]),
            address: { host: "192.0.2.1" },
            authentication: "basic" as "jwks",
        };
        await assert.rejects(
            recordResources(() => void new ApisixGateway("gateway", args)),
            (error: Error) =>
                ["address.host", "authentication", "routes[1].name"].every((path) =>
                    error.message.includes(`${path}: `),
                ),
        );
    });

    it("are refused where its plugin would ignore issuers or revocation", async () => {
        const routing = buildRoutingArgs([{ ...buildRoute("weather"), checkRevocation: true }]);
        const furtherIssuers = [{ issuer: "https://partner.example.org" }];
        const args = { ...routing, identity: { ...routing.identity, furtherIssuers } };
        const paths = ["identity.furtherIssuers: ", "routes[0].checkRevocation: "];
        await assert.rejects(
            recordResources(
                () => void new ApisixGateway("gateway", { ...args, authentication: "jwks" }),
            ),
            (error: Error) => paths.every((path) => error.message.includes(path)),
        );
        await recordResources(
            () => void new ApisixGateway("gateway", { ...args, authentication: "forwardAuth" }),
        );
    });
});
