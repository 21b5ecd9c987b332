import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { examine } from "../../local/doctor/examine.ts";
import { describePatient, type Patient } from "../../local/doctor/patient.ts";
import { addNumbers, bearer, post } from "./post.ts";
import {
    changeClientSecret,
    changePods,
    containerOf,
    disableClient,
    disableRealm,
    loseGatewayPods,
    misleadAutoscaler,
    type Place,
    removeAudience,
    removeDeployment,
    scaleToZero,
    swapCertificate,
    type Undo,
} from "./stackFaults.ts";
import { testStack } from "./testStack.ts";

/** A cause of failure: how it is provoked, the check that must find it, and words that it must use. */
interface Cause {
    what: string;
    check: string;
    words: RegExp;
    /** Provokes it in the cluster or in Keycloak. */
    provoke?: (place: Place) => Promise<Undo>;
    /** Changes what the stack's configuration or outputs say. */
    change?: (patient: Patient) => Partial<Patient>;
}

const server = "add-numbers";
const scope = `mcp:${server}`;

const pods = (change: Parameters<typeof changePods>[2]) => (place: Place) =>
    changePods(place, server, change);

const causes: Cause[] = [
    {
        what: "an API server that does not answer",
        check: "cluster",
        words: /ECONNREFUSED[^]*npm run up/,
        change: ({ kube }) => {
            const lost = new KubeConfig();
            lost.loadFromClusterAndUser(
                { ...kube.getCurrentCluster()!, server: "https://127.0.0.1:2" },
                kube.getCurrentUser()!,
            );
            return { kube: lost };
        },
    },
    {
        what: "a namespace that does not exist",
        check: "cluster",
        words: /no such namespace[^]*--refresh/,
        change: () => ({ namespace: "slipway-nowhere" }),
    },
    {
        what: "a stack that is not deployed",
        check: "cluster",
        words: /is not there yet[^]*npm run up/,
        change: () => ({ outputs: { error: "stack 'test': is not there yet" } }),
    },
    {
        what: "a registry that does not answer",
        check: "registry",
        words: /localhost:2'[^]*ECONNREFUSED/,
        change: () => ({ registry: "localhost:2/nowhere" }),
    },
    {
        what: "ImagePullBackOff",
        check: "image pull",
        words: /(ErrImagePull|ImagePullBackOff)[^]*not found[^]*--refresh/,
        provoke: pods((template) => {
            const container = containerOf(template);
            container.image = container.image!.replace(/@sha256:.*/, ":0.0.0-nowhere");
        }),
    },
    {
        what: "CrashLoopBackOff",
        check: "pods",
        words: /program ends[^]*CrashLoopBackOff[^]*it said: no key[^]*logs .* --previous/,
        provoke: pods((template) => {
            containerOf(template).command = ["python", "-c", "raise SystemExit('no key')"];
        }),
    },
    {
        what: "a command that is not in the image",
        check: "pods",
        words: /command cannot be started[^]*\/nowhere/,
        provoke: pods((template) => {
            containerOf(template).command = ["/nowhere"];
        }),
    },
    {
        what: "a Secret that does not exist",
        check: "pods",
        words: /refers to something that does not exist[^]*"?nowhere"? not found/,
        provoke: pods((template) => {
            containerOf(template).env!.push({
                name: "KEY",
                valueFrom: { secretKeyRef: { name: "nowhere", key: "key" } },
            });
        }),
    },
    {
        what: "a request for more than a node has",
        check: "pods",
        words: /no node has room[^]*Unschedulable/,
        provoke: pods((template) => {
            containerOf(template).resources = { requests: { cpu: "1000" } };
        }),
    },
    {
        what: "a limit of memory that is too low",
        check: "pods",
        words: /needs more memory[^]*OOMKilled[^]*resources\.limits\.memory/,
        provoke: pods((template) => {
            containerOf(template).resources = {
                requests: { memory: "16Mi" },
                limits: { memory: "24Mi" },
            };
        }),
    },
    {
        what: "a failing health check",
        check: "probes",
        words: /health check fails[^]*(404|statuscode)[^]*healthPath/,
        provoke: pods((template) => {
            containerOf(template).readinessProbe!.httpGet!.path = "/nowhere";
        }),
    },
    {
        what: "an autoscaler that has nothing to scale",
        check: "metrics",
        words: /autoscaler[^]*FailedGetScale/,
        provoke: (place) => misleadAutoscaler(place, server),
    },
    {
        what: "a Service of the gateway that selects no pods",
        check: "gateway",
        words: /does not accept connections[^]*(ECONNREFUSED|no answer)/,
        provoke: loseGatewayPods,
    },
    {
        what: "a certificate that nobody trusts",
        check: "certificate",
        words: /is not accepted[^]*(self-signed|unable to verify|signature)/,
        provoke: swapCertificate,
    },
    {
        what: "a realm that does not exist",
        check: "Keycloak",
        words: /does not serve the realm[^]*404/,
        change: ({ identity: { issuer, realm } }) => ({
            identity: { realm, issuer: issuer.replace(/[^/]*$/, "nowhere") },
        }),
    },
    {
        what: "a disabled realm",
        check: "token",
        words: /gets no token[^]*Realm not enabled/,
        provoke: disableRealm,
    },
    {
        what: "another secret of a client",
        check: "token",
        words: /'agent' gets no token[^]*unauthorized_client|invalid_client/,
        provoke: (place) => changeClientSecret(place, "agent"),
    },
    {
        what: "a disabled client",
        check: "token",
        words: /'agent' gets no token[^]*invalid_client/,
        provoke: (place) => disableClient(place, "agent"),
    },
    {
        what: "401: tokens that are not for the server",
        check: "audience",
        words: /is not for server 'add-numbers'/,
        provoke: (place) => removeAudience(place, scope),
    },
    {
        what: "a probe that does not fit the tool",
        check: "tool call",
        words: /'probe\.args' must have required property 'b'/,
        change: ({ outputs }) => ({
            outputs: {
                ...(outputs as Exclude<Patient["outputs"], { error: string }>),
                probes: {
                    [server]: { tool: "add_numbers", args: { a: 1 }, expect: "1", scopes: [] },
                },
            },
        }),
    },
    {
        what: "a Deployment that is scaled to 0",
        check: "pods",
        words: /'probe-server' has no pods[^]*scaled to 0[^]*--refresh/,
        provoke: (place) => scaleToZero(place, "probe-server"),
    },
    {
        what: "a Deployment that was removed",
        check: "pods",
        words: /'probe-server' has no pods[^]*does not exist[^]*--refresh/,
        provoke: (place) => removeDeployment(place, "probe-server"),
    },
];

describe("the doctor", function () {
    this.timeout(90_000);
    let patient: Patient;
    let place: Place;

    before(async function () {
        this.timeout(600_000);
        const { stack, name, kubeConfig: kube, outputs, target } = await testStack();
        const file = join(target.configurationDirectory!, `Pulumi.${stack.name}.yaml`);
        patient = describePatient(readFileSync(file, "utf8"), {
            target: { stack: stack.name },
            outputs,
            kube,
            kubectl: "kubectl",
        });
        place = { kube, namespace: name };
    });

    it("finds a stack well", () => findWell());

    for (const { what, check, words, provoke, change } of causes) {
        it(`names ${what}`, async () => {
            const undo = await provoke?.(place);
            try {
                const told = await eventuallyTold(
                    { ...patient, ...change?.(patient) },
                    check,
                    words,
                );
                assert.match(told, words);
                if (what.startsWith("401")) await expectRefusal();
            } finally {
                await undo?.();
            }
        });
    }

    it("finds the stack well again", () => findWell());

    /** Examines until the check has found it: pods take a moment to fail. */
    async function eventuallyTold(ill: Patient, check: string, words: RegExp): Promise<string> {
        const end = Date.now() + 60_000;
        for (;;) {
            const finding = await examine(ill, () => undefined);
            const told = `${finding?.what}\n${finding?.why}\n${finding?.repair}`;
            if ((finding?.check === check && words.test(told)) || Date.now() > end) {
                return `${finding?.check}: ${told}`;
            }
            await sleep(500);
        }
    }

    async function findWell(): Promise<void> {
        const end = Date.now() + 60_000;
        for (;;) {
            const finding = await examine(patient, () => undefined).catch((error: Error) => error);
            if (finding === undefined) return;
            if (Date.now() > end) assert.fail(JSON.stringify(finding));
            await sleep(1000);
        }
    }

    async function expectRefusal(): Promise<void> {
        const { outputs, token } = await testStack();
        const answer = await post(
            outputs.endpoints[server]!,
            addNumbers,
            bearer(await token("agent")),
        );
        assert.equal(answer.status, 401);
    }
});
