import assert from "node:assert/strict";

import { waitForRollout } from "../../local/cluster/rollout.ts";
import type { Values } from "../../local/providers/protocol/values.ts";
import { eventOf, waitingPod } from "./readiness/objects.ts";

const lost = "The connection to the server 10.203.0.2:6443 was refused - did you specify it?";

describe("waitForRollout", () => {
    const deployment = (available: number, conditions: Values[] = []): Values => ({
        kind: "Deployment",
        metadata: { name: "server", labels: { "app.kubernetes.io/name": "server" } },
        status: { updatedReplicas: 1, replicas: 1, availableReplicas: available, conditions },
    });
    const rollout = { namespace: "tests", name: "server", seconds: 60 };

    /** A kubectl whose calls return these objects or fail with these messages, in order; the last one repeats. */
    const kubectlOf = (looks: (Values[] | string)[], log = "") => {
        let count = 0;
        return (args: string[]): Promise<string> => {
            if (args.includes("logs")) return Promise.resolve(log);
            const look = looks[Math.min(count, looks.length - 1)]!;
            count += 1;
            if (typeof look === "string") return Promise.reject(new Error(look));
            return Promise.resolve(JSON.stringify({ items: look }));
        };
    };

    it("goes on waiting while the API server is unavailable", async () => {
        const kubectl = kubectlOf([[deployment(0)], lost, lost, [deployment(1)]]);
        await waitForRollout({ kubectl }, rollout);
    });

    it("fails at once when kubectl fails in another way", async () => {
        const kubectl = kubectlOf(["error: You must be logged in to the server"]);
        await assert.rejects(waitForRollout({ kubectl }, rollout), /must be logged in/);
    });

    it("names the pod, its waiting reason, its last event and its last log lines", async () => {
        const event = eventOf("Failed", "cannot run");
        const kubectl = kubectlOf(
            [[deployment(0), waitingPod("CreateContainerError", "wrong"), event]],
            "started\nno key\n",
        );
        await assert.rejects(
            waitForRollout({ kubectl }, { ...rollout, seconds: 0 }),
            (error: Error) => {
                assert.deepEqual(error.message.split("\n"), [
                    "Deployment 'tests/server' is not ready (after 0 s): 0 of 1 pods are available",
                    "pod 'server-1', container 'main': CreateContainerError: wrong; last event Failed: cannot run",
                    "last lines of its log:",
                    "    started",
                    "    no key",
                ]);
                return true;
            },
        );
    });

    it("fails at once when Kubernetes has given up the rollout", async () => {
        const condition = {
            type: "Progressing",
            reason: "ProgressDeadlineExceeded",
            message: "deployment exceeded its progress deadline",
        };
        const kubectl = kubectlOf([[deployment(0, [condition])]]);
        await assert.rejects(
            waitForRollout({ kubectl }, rollout),
            /is not ready \(failed\): deployment exceeded its progress deadline/,
        );
    });
});
