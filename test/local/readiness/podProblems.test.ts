import assert from "node:assert/strict";

import { findPodProblems } from "../../../local/readiness/podProblems.ts";
import type { Values } from "../../../local/providers/protocol/values.ts";
import { evidenceOf, eventOf, podOf, waitingPod } from "./objects.ts";

const noPlugin =
    'Failed to create pod sandbox: plugin type="bridge" failed (add): failed to find plugin "loopback" in path [/opt/cni/bin]';
const noManifest =
    'failed to pull and unpack image "localhost:30500/a:1": failed to resolve reference "localhost:30500/a:1": localhost:30500/a:1: not found';
const unschedulable = (message: string, spec: Values = {}) =>
    podOf(
        {
            conditions: [
                { type: "PodScheduled", status: "False", reason: "Unschedulable", message },
            ],
        },
        spec,
    );
const requests = (memory: string, cpu = "100m") => ({
    containers: [{ resources: { requests: { memory, cpu } } }],
});
const node = { status: { allocatable: { memory: "16384Mi", cpu: "2" } } };

describe("findPodProblems", () => {
    interface Case {
        what: string;
        pod: Values;
        events?: Values[];
        nodes?: Values[];
        text: string | RegExp;
        graceSeconds: number | undefined;
    }
    const cases: Case[] = [
        {
            what: "a missing network plugin",
            pod: waitingPod("ContainerCreating"),
            events: [
                eventOf("FailedCreatePodSandBox", noPlugin, 5),
                eventOf("Scheduled", "Successfully assigned", 1),
                eventOf("SandboxChanged", "Pod sandbox changed, it will be killed", 6),
            ],
            text:
                `pod 'server-1', container 'main': ContainerCreating; last event FailedCreatePodSandBox: ${noPlugin}; ` +
                "install the network plugins on the node where its runtime looks for them " +
                "(Debian: 'containernetworking-plugins')",
            graceSeconds: 20,
        },
        {
            what: "an image that the registry does not have",
            pod: waitingPod("ErrImagePull", noManifest),
            text: `pod 'server-1', container 'main': ErrImagePull: ${noManifest}; push the image, or correct its name or tag`,
            graceSeconds: 60,
        },
        {
            what: "an image that the registry refuses",
            pod: waitingPod("ImagePullBackOff", "Back-off pulling image: 401 Unauthorized"),
            text: /401 Unauthorized; give the pod a pull Secret/,
            graceSeconds: 60,
        },
        {
            what: "a registry that does not answer",
            pod: waitingPod("ErrImagePull", "dial tcp 10.0.0.1:443: connect: connection refused"),
            text: /ErrImagePull: dial tcp 10.0.0.1:443: connect: connection refused$/,
            graceSeconds: undefined,
        },
        {
            what: "a registry whose name does not resolve",
            pod: waitingPod("ErrImagePull", "dial tcp: lookup registry.test: no such host"),
            text: /no such host$/,
            graceSeconds: undefined,
        },
        {
            what: "a damaged image",
            pod: waitingPod("ErrImagePull", "failed commit: unexpected commit digest sha256:0"),
            text: /the registry's copy of the image is damaged: push the image again$/,
            graceSeconds: 60,
        },
        {
            what: "an invalid image name",
            pod: waitingPod("InvalidImageName", "couldn't parse image name 'A b'"),
            text: /InvalidImageName: .*; correct the name of the image$/,
            graceSeconds: 0,
        },
        {
            what: "a missing image with pull policy Never",
            pod: waitingPod("ErrImageNeverPull", "Container image is not present"),
            text: /load the image on the node/,
            graceSeconds: 20,
        },
        {
            what: "a missing Secret",
            pod: waitingPod("CreateContainerConfigError", 'secret "credentials" not found'),
            text: /create what the pod refers to/,
            graceSeconds: 60,
        },
        {
            what: "a volume of a missing ConfigMap",
            pod: waitingPod("ContainerCreating"),
            events: [
                eventOf("FailedMount", 'MountVolume.SetUp failed: configmap "rules" not found'),
            ],
            text: /last event FailedMount: .*; create what the pod refers to/,
            graceSeconds: 60,
        },
        {
            what: "an image that runs as root in a pod that forbids it",
            pod: waitingPod(
                "CreateContainerConfigError",
                "container has runAsNonRoot and image will run as root",
            ),
            text: /set runAsUser/,
            graceSeconds: 0,
        },
        {
            what: "a command that the image lacks",
            pod: waitingPod("CrashLoopBackOff", "back-off 10s", {
                restartCount: 2,
                lastState: {
                    terminated: {
                        exitCode: 128,
                        reason: "StartError",
                        message: 'exec: "serve": executable file not found in $PATH',
                    },
                },
            }),
            text: /CrashLoopBackOff: back-off 10s; StartError: ended with code 128, restart 2: exec: .*; correct the command/,
            graceSeconds: 20,
        },
        {
            what: "a program that exits repeatedly",
            pod: waitingPod("CrashLoopBackOff", "back-off 10s", {
                restartCount: 3,
                lastState: { terminated: { exitCode: 1, reason: "Error", message: "no key" } },
            }),
            text: "pod 'server-1', container 'main': CrashLoopBackOff: back-off 10s; Error: ended with code 1, restart 3: no key",
            graceSeconds: undefined,
        },
        {
            what: "a program that exits after a long log",
            pod: waitingPod("CrashLoopBackOff", "", {
                restartCount: 1,
                lastState: {
                    terminated: {
                        exitCode: 1,
                        reason: "Error",
                        message: "one\ntwo\nERROR: no key\n\nstopped\n",
                    },
                },
            }),
            text: "pod 'server-1', container 'main': CrashLoopBackOff; Error: ended with code 1, restart 1: one / ERROR: no key",
            graceSeconds: undefined,
        },
        {
            what: "a container that exceeds its memory limit",
            pod: waitingPod("CrashLoopBackOff", "back-off 10s", {
                restartCount: 1,
                lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
            }),
            text: /OOMKilled: ended with code 137.*; raise the memory limit/,
            graceSeconds: undefined,
        },
        {
            what: "a node without free memory",
            pod: unschedulable("0/1 nodes are available: 1 Insufficient memory.", requests("12Gi")),
            nodes: [node],
            text: /Unschedulable: 0\/1 nodes are available: 1 Insufficient memory.; stop other pods/,
            graceSeconds: undefined,
        },
        {
            what: "a pod larger than any node",
            pod: unschedulable("0/1 nodes are available: 1 Insufficient memory.", requests("64Gi")),
            nodes: [node],
            text: /the pod requests 65536 MiB of memory and the largest node has 16384 MiB of memory: request less/,
            graceSeconds: 30,
        },
        {
            what: "a pod that requests more CPUs than any node has",
            pod: unschedulable("1 Insufficient cpu.", requests("1Gi", "2500m")),
            nodes: [node],
            text: /the pod requests 2.5 CPUs and the largest node has 2 CPUs/,
            graceSeconds: 30,
        },
        {
            what: "a full disk of the node",
            pod: unschedulable("untolerated taint(s) {node.kubernetes.io/disk-pressure: }"),
            text: /free space on the node's disk$/,
            graceSeconds: undefined,
        },
        {
            what: "a running container that is not ready",
            pod: podOf({
                phase: "Running",
                containerStatuses: [{ name: "main", ready: false, state: { running: {} } }],
            }),
            events: [eventOf("Unhealthy", "Readiness probe failed: 503", 1)],
            text: "pod 'server-1', container 'main': runs but is not ready; last event Unhealthy: Readiness probe failed: 503",
            graceSeconds: undefined,
        },
        {
            what: "an unknown reason",
            pod: waitingPod("Mysterious", "as it says"),
            text: "pod 'server-1', container 'main': Mysterious: as it says",
            graceSeconds: undefined,
        },
    ];
    for (const { what, pod, events, nodes, text, graceSeconds } of cases) {
        const end =
            graceSeconds === undefined ? "goes on waiting" : `gives up after ${graceSeconds} s`;
        it(`reports ${what}, and ${end}`, () => {
            const [problem, ...others] = findPodProblems(evidenceOf(pod, events, nodes));
            assert.deepEqual(others, []);
            if (typeof text === "string") assert.equal(problem?.text, text);
            else assert.match(problem?.text ?? "", text);
            assert.equal(problem?.graceSeconds, graceSeconds);
        });
    }

    it("reports why a Deployment gets no pods at all", () => {
        const message = 'pods "server-1" is forbidden: violates PodSecurity "restricted:latest"';
        const conditions = [
            { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message },
        ];
        const owner = { kind: "Deployment", metadata: { name: "server" }, status: { conditions } };
        const evidence = { owners: [owner], replicaSets: [], pods: [], events: [], nodes: [] };
        const [problem] = findPodProblems(evidence);
        assert.equal(
            problem?.text,
            `Deployment 'server': FailedCreate: ${message}; change the pod so that the namespace's rules allow it`,
        );
        assert.equal(problem?.graceSeconds, 20);
    });

    it("ignores pods that are ready, completed or terminating", () => {
        const ready = podOf({ conditions: [{ type: "Ready", status: "True" }] });
        const through = podOf({ phase: "Succeeded" });
        const leaving = waitingPod("InvalidImageName");
        Object.assign(leaving.metadata as Values, { deletionTimestamp: "2026-01-01T00:00:00Z" });
        for (const pod of [ready, through, leaving]) {
            assert.deepEqual(findPodProblems(evidenceOf(pod)), []);
        }
    });

    it("leaves out an event that a newer one supersedes", () => {
        const events = [
            eventOf("FailedCreatePodSandBox", noPlugin, 1),
            eventOf("Pulling", 'Pulling image "a"', 2),
        ];
        const [problem] = findPodProblems(evidenceOf(waitingPod("ContainerCreating"), events));
        assert.match(problem?.text ?? "", /last event Pulling: Pulling image "a"$/);
        assert.equal(problem?.graceSeconds, undefined);
    });

    it("prefers the rules of certain pods to the built-in ones", () => {
        const rule = { reasons: ["ErrImagePull"], repair: "do this", graceSeconds: 1 };
        const pod = waitingPod("ErrImagePull", noManifest);
        const [problem] = findPodProblems(evidenceOf(pod), [rule]);
        assert.match(problem?.text ?? "", /; do this$/);
    });

    it("ignores pods of a revision that is being replaced", () => {
        const meta = (uid: string, revision: string, owner?: string) => ({
            uid,
            name: uid,
            annotations: { "deployment.kubernetes.io/revision": revision },
            ...(owner !== undefined && { ownerReferences: [{ controller: true, uid: owner }] }),
        });
        const deployment = { kind: "Deployment", metadata: meta("d", "2") };
        const replicaSets = ["1", "2"].map((revision) => ({
            kind: "ReplicaSet",
            metadata: meta(`set-${revision}`, revision, "d"),
        }));
        const pods = ["1", "2"].map((revision) => {
            const pod = waitingPod("InvalidImageName");
            return { ...pod, metadata: meta(`pod-${revision}`, "", `set-${revision}`) };
        });
        const around = { replicaSets, pods, events: [], nodes: [] };
        const found = findPodProblems({ owners: [deployment], ...around });
        assert.deepEqual(
            found.map(({ key }) => key),
            ["pod-2/main: 0"],
        );
        const unseen = { ...deployment, metadata: { ...deployment.metadata, generation: 3 } };
        assert.deepEqual(findPodProblems({ owners: [unseen], ...around }), []);
    });
});
