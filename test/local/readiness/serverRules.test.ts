import assert from "node:assert/strict";

import { findPodProblems } from "../../../local/readiness/podProblems.ts";
import { serverRules } from "../../../local/readiness/serverRules.ts";
import { evidenceOf, podOf, probedPod, waitingPod } from "./objects.ts";

const refused =
    'Startup probe failed: Get "http://10.0.0.9:8000/health": dial tcp 10.0.0.9:8000: connect: connection refused';

/** A container that waits after it ended. */
const looping = (terminated: object, restartCount: number) =>
    podOf(
        {
            containerStatuses: [
                {
                    name: "main",
                    ready: false,
                    restartCount,
                    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
                    lastState: { terminated: { ...terminated } },
                },
            ],
        },
        { containers: [{ name: "main" }] },
    );

describe("serverRules", () => {
    const find = (pod: ReturnType<typeof podOf>, log = "", events: object[] = []) => {
        const evidence = { ...evidenceOf(pod, events as never), logs: { "server-1": log } };
        return findPodProblems(evidence, serverRules)[0];
    };

    it("gives up on a program that ended twice, with its exit code and its last lines", () => {
        const pod = looping({ exitCode: 1, reason: "Error" }, 1);
        const problem = find(pod, "starting\nTypeError: no key\n");
        assert.equal(
            problem?.text,
            "pod 'server-1', container 'main': CrashLoopBackOff: back-off 10s; Error: ended with code 1, restart 1; " +
                "it said: starting / TypeError: no key; correct the server's program, or its 'command', 'env', 'secrets' or 'volumes'",
        );
        assert.equal(problem?.graceSeconds, 15);
        const once = find(looping({ exitCode: 1, reason: "Error" }, 0), "no key");
        assert.equal(once?.graceSeconds, undefined);
    });

    it("gives up on a program that ends without an error", () => {
        const problem = find(looping({ exitCode: 0, reason: "Completed" }, 2));
        assert.match(problem?.text ?? "", /Completed: ended with code 0, restart 2; correct/);
        assert.equal(problem?.graceSeconds, 15);
    });

    it("gives up on too little memory, and names the field", () => {
        const problem = find(looping({ exitCode: 137, reason: "OOMKilled" }, 1));
        assert.match(problem?.text ?? "", /raise 'resources\.limits\.memory' of the server$/);
        assert.equal(problem?.graceSeconds, 15);
    });

    it("gives up on a command that the image lacks with its own repair", () => {
        const message = 'exec: "/serve": stat /serve: no such file or directory';
        const problem = find(looping({ exitCode: 128, reason: "StartError", message }, 1));
        assert.match(problem?.text ?? "", /correct the command of the container, or the image$/);
        assert.equal(problem?.graceSeconds, 20);
    });

    it("gives up on an image that is absent after the second try", () => {
        const problem = find(waitingPod("ImagePullBackOff", "Back-off: a:1: not found"));
        assert.equal(problem?.graceSeconds, 15);
    });

    it("gives up on a wrong health path, with the probe's answer", () => {
        const { pod, events } = probedPod(
            "Startup probe failed: HTTP probe failed with statuscode: 404",
        );
        const problem = find(pod, "GET /healthz 404", events);
        assert.equal(
            problem?.text,
            "pod 'server-1', container 'main': runs but is not ready; last event Unhealthy: Startup probe failed: HTTP probe " +
                "failed with statuscode: 404; it said: GET /healthz 404; the server answers, but has no such path: correct its 'healthPath'",
        );
        assert.equal(problem?.graceSeconds, 15);
    });

    it("gives up on a wrong port when the server names another one, and else goes on", () => {
        const { pod, events } = probedPod(refused);
        for (const log of [
            "Uvicorn running on http://0.0.0.0:3000 (Press CTRL+C to quit)",
            '{"level":"info","message":"listening","port":3000}',
            "Server started on port 3000",
            "listening on :3000",
        ]) {
            const problem = find(pod, log, events);
            assert.match(problem?.text ?? "", /; it listens on port 3000: set 'port'/, log);
            assert.equal(problem?.graceSeconds, 15);
        }
        for (const log of ["", "loading the model", "listening on port 8000", "started 12:30:45"]) {
            const problem = find(pod, log, events);
            assert.match(problem?.text ?? "", /; nothing listens there yet: /, log);
            assert.equal(problem?.graceSeconds, undefined, log);
        }
    });
});
