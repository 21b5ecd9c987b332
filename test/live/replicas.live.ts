import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { testRun } from "../testRun/testRun.ts";
import { postThroughApiServer } from "./apiServerProxy.ts";
import { eventually } from "./cluster.ts";
import { deployMuslServers } from "./muslServers.ts";
import type { Answer } from "./post.ts";

const namespace = `${testRun().name}-replicas`;
const initialize = {
    method: "initialize",
    params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "live-test", version: "1.0.0" },
    },
};
const listTools = { method: "tools/list" };

describe("several pods of one bridged server", function () {
    this.timeout(600_000);
    const kube = new KubeConfig();
    let remove: (() => Promise<void>) | undefined;

    before(async () => {
        kube.loadFromDefault();
        const replicas = { min: 3, max: 3 };
        const command = ["/server"];
        remove = await deployMuslServers(namespace, [
            { name: "a-session-each", command, replicas, isolation: "session" },
            { name: "shared", command, replicas, isolation: "shared" },
        ]);
    });

    after(() => remove?.());

    /** Names of the pods of a server that are ready, once there are three. */
    const readyPods = (server: string): Promise<string[]> =>
        eventually(`three pods of '${server}'`, 120, async () => {
            const { items } = await kube.makeApiClient(CoreV1Api).listNamespacedPod({
                namespace,
                labelSelector: `app.kubernetes.io/name=${server}`,
            });
            const ready = items.filter(({ status }) =>
                status?.conditions?.some(
                    ({ type, status: is }) => type === "Ready" && is === "True",
                ),
            );
            return ready.length === 3 && ready.map(({ metadata }) => metadata?.name ?? "");
        });

    /** Says what the gateway would say of a caller. */
    const send = (pod: string, message: object, headers: Record<string, string>) =>
        postThroughApiServer(kube, { namespace, kind: "pods", name: pod }, message, {
            "x-auth-subject": "one",
            "x-auth-client": "live-test",
            ...headers,
        });

    const sessionOf = ({ status, headers, text }: Answer) => {
        assert.equal(status, 200, text);
        return {
            "mcp-session-id": headers.get("mcp-session-id") ?? "",
            "mcp-protocol-version": "2025-11-25",
        };
    };

    const remainOf = async (pods: string[]): Promise<string[]> => {
        const [owner = "", ...others] = pods;
        await kube
            .makeApiClient(CoreV1Api)
            .deleteNamespacedPod({ namespace, name: owner, gracePeriodSeconds: 0 });
        return others;
    };

    it("know a session that has a process of its own, and only whose it is, until its pod is gone", async () => {
        const pods = await readyPods("a-session-each");
        const session = sessionOf(await send(pods[0] ?? "", initialize, {}));
        for (const pod of pods) {
            const { status, text } = await send(pod, listTools, session);
            assert.equal(status, 200, text);
            const stranger = { ...session, "x-auth-subject": "two" };
            assert.equal((await send(pod, listTools, stranger)).status, 404);
        }
        for (const pod of await remainOf(pods)) {
            // Names are cached for some seconds; then 404 tells the client to begin anew.
            await eventually("404 for a session whose pod is gone", 90, async () => {
                return (await send(pod, listTools, session)).status === 404;
            });
        }
    });

    it("go on with a session of a shared process when the pod that began it is gone", async () => {
        const pods = await readyPods("shared");
        const session = sessionOf(await send(pods[0] ?? "", initialize, {}));
        for (const pod of await remainOf(pods)) {
            const { status, text } = await send(pod, listTools, session);
            assert.equal(status, 200, text);
            const stranger = { ...session, "x-auth-subject": "two" };
            assert.equal((await send(pod, listTools, stranger)).status, 404);
        }
    });
});
