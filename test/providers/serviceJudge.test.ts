import assert from "node:assert/strict";

import type { Cluster } from "../../local/providers/kubernetes/cluster.ts";
import { judgeFor } from "../../local/providers/kubernetes/ready/judges.ts";
import { objectOf, textOf } from "../../local/providers/protocol/values.ts";
import type { Values } from "../../local/providers/protocol/values.ts";

const labels = { app: "server" };
const service = {
    kind: "Service",
    metadata: { namespace: "mcp", name: "server" },
    spec: { selector: labels, clusterIP: "10.96.0.2" },
};
const deploymentOf = (uid: string, own: Record<string, string>): Values => ({
    metadata: { name: uid, uid },
    spec: { template: { metadata: { labels: own } } },
});
const deployment = deploymentOf("pods", { ...labels, tier: "one" });
const pod = { metadata: { name: "pod" } };

/** A cluster with these objects; those in `givenUp` did not become ready in this update. */
function clusterOf(objects: Record<string, Values[]>, givenUp: string[]): Cluster {
    const find = ({ kind }: { kind: string }) => Promise.resolve({ path: () => kind });
    return {
        discovery: { find, get: find },
        send: (_method: string, kind: string) => Promise.resolve({ items: objects[kind] ?? [] }),
        isGivenUp: (object: Values) =>
            givenUp.includes(textOf(objectOf(object, "metadata"), "uid") ?? ""),
    } as unknown as Cluster;
}

describe("the wait for a Service without a ready pod", () => {
    interface Case {
        when: string;
        objects?: Record<string, Values[]>;
        othersFailed?: boolean;
        givenUp?: string[];
        state: string;
        reason: RegExp;
    }
    const cases: Case[] = [
        {
            when: "its Deployment may still be created",
            state: "waiting",
            reason: /^no pod behind the service is ready$/,
        },
        {
            when: "another resource failed before its Deployment was created",
            othersFailed: true,
            state: "failed",
            reason: /^no Deployment creates pods for its selector, and none will: another resource failed$/,
        },
        {
            when: "another resource failed but its Deployment exists",
            othersFailed: true,
            objects: { Deployment: [deployment] },
            state: "waiting",
            reason: /^no pod/,
        },
        {
            when: "only other Deployments exist",
            othersFailed: true,
            objects: { Deployment: [deploymentOf("other", { app: "other" })] },
            state: "failed",
            reason: /^no Deployment creates pods/,
        },
        {
            when: "it has pods without a controller in the stack",
            othersFailed: true,
            objects: { Pod: [pod] },
            state: "waiting",
            reason: /^no pod/,
        },
        {
            when: "its Deployment failed",
            othersFailed: true,
            givenUp: ["pods"],
            objects: { Deployment: [deployment], Pod: [pod] },
            state: "failed",
            reason: /^no pod behind the service is ready: Deployment 'pods', which makes them, failed$/,
        },
    ];
    for (const { when, objects = {}, othersFailed = false, givenUp = [], state, reason } of cases) {
        it(`${state === "failed" ? "ends" : "goes on"} when ${when}`, async () => {
            const judge = judgeFor({ apiVersion: "v1", kind: "Service" })!;
            const signal = othersFailed ? AbortSignal.abort() : new AbortController().signal;
            const around = { cluster: clusterOf(objects, givenUp), othersFailed: signal };
            const readiness = await judge(around, service);
            assert.equal(readiness.state, state);
            assert.match("reason" in readiness ? readiness.reason : "", reason);
        });
    }
});
