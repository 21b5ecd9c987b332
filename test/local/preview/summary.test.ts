import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";

import { readStep } from "../../../local/preview/steps.ts";
import { summarize } from "../../../local/preview/summary.ts";

const root = "urn:pulumi:dev::slipway::";
const server = "slipway:index:McpServer";
const deployment = `${server}$slipway:index:ServerDeployment`;
const client = "slipway:index:Identity$slipway:index:MachineClient";

/** A step as the engine tells it: of a resource below components, whose parent has a name. */
function step(
    op: string,
    [types, name, parent]: [string, string, string],
    { diff = [], before, after }: { diff?: string[]; before?: object; after?: object } = {},
) {
    const state = (inputs: object = {}) => ({ parent: `${root}x::${parent}`, inputs });
    const metadata = {
        op,
        urn: `${root}${types}::${name}`,
        type: types.split("$").at(-1),
        detailedDiff: Object.fromEntries(diff.map((path) => [path, {}])),
        old: op === "create" ? undefined : state(before),
        new: op === "delete" ? undefined : state(after),
    };
    return readStep({ resourcePreEvent: { metadata } } as unknown as EngineEvent)!;
}

const pods = (name: string): [string, string, string] => [
    `${deployment}$kubernetes:apps/v1:Deployment`,
    `${name}-pods`,
    name,
];
const scopesOf = (name: string): [string, string, string] => [
    `${client}$keycloak:openid/clientDefaultScopes:ClientDefaultScopes`,
    `identity-${name}-default-scopes`,
    `identity-${name}`,
];

describe("the summary of a preview", () => {
    const cases = [
        {
            what: "a server that comes, with all that makes it up",
            steps: [
                step("create", [server, "tides", "slipway-dev"]),
                step("create", [deployment, "tides", "tides"]),
                step("create", pods("tides")),
            ],
            lines: ["servers: + tides"],
        },
        {
            what: "a server that goes",
            steps: [
                step("delete", pods("tides")),
                step("delete", [server, "tides", "slipway-dev"]),
            ],
            lines: ["servers: - tides"],
        },
        {
            what: "a server whose pods are replaced by new ones",
            steps: [
                step("update", pods("fetch"), {
                    diff: ["spec.template.spec.containers[0].image"],
                }),
            ],
            lines: ["servers: ~ fetch", "new pods: fetch"],
        },
        {
            what: "a server that changes without new pods",
            steps: [step("update", pods("fetch"), { diff: ["spec.replicas"] })],
            lines: ["servers: ~ fetch"],
        },
        {
            what: "an image that is built anew",
            steps: [
                step("update", [
                    "slipway:index:ServerImage$docker:index:Image",
                    "fetch-image",
                    "fetch",
                ]),
            ],
            lines: ["images: ~ fetch"],
        },
        {
            what: "a client that comes, and the scopes that another one gets and loses",
            steps: [
                step("create", [client, "identity-sums-only", "identity"]),
                step("create", scopesOf("sums-only"), { after: { defaultScopes: ["mcp:sums"] } }),
                step("update", scopesOf("agent"), {
                    before: { defaultScopes: ["mcp:tides", "mcp:sums"] },
                    after: { defaultScopes: ["mcp:sums", "mcp:fetch"] },
                }),
            ],
            lines: ["who may call what: + sums-only, ~ agent, agent (+ mcp:fetch, - mcp:tides)"],
        },
        {
            what: "the gateway's new pods",
            steps: [
                step(
                    "update",
                    [
                        "slipway:index:NginxGateway$kubernetes:apps/v1:Deployment",
                        "gateway-pods",
                        "gateway",
                    ],
                    {
                        diff: ["spec.template.metadata.annotations"],
                    },
                ),
            ],
            lines: ["new pods: gateway"],
        },
        { what: "nothing where nothing changes", steps: [], lines: [] },
    ];
    for (const { what, steps, lines } of cases) {
        it(`tells ${what}`, () => {
            assert.deepEqual(
                summarize(steps).map(({ subject, answers }) => `${subject}: ${answers.join(", ")}`),
                lines,
            );
        });
    }
});
