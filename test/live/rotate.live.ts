import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { rotateClient } from "../../local/rotation.ts";
import { requestToken } from "../../verify/accessToken.ts";
import { readOutputs } from "../../local/stack.ts";
import { parseOutputs } from "../../verify/outputs.ts";
import { addNumbers, bearer, post } from "./post.ts";
import { testStack } from "./testStack.ts";
import type { TestStack } from "./testStack.ts";

const client = "add-numbers-only";

describe("npm run rotate", function () {
    this.timeout(600_000);
    let opened: TestStack;
    let former: string;
    let running: string;

    before(async () => {
        opened = await testStack();
        former = opened.outputs.clientSecrets[client]!;
        running = await listRunning(opened);
        await rotateClient(opened.stack, client);
        opened.outputs = parseOutputs(await readOutputs(opened.stack));
    });

    it("gives the client a new secret, in its Secret and in the outputs", async () => {
        const { clients, clientSecrets } = opened.outputs;
        const core = opened.kubeConfig.makeApiClient(CoreV1Api);
        const { secretName } = clients[client]!;
        const { data } = await core.readNamespacedSecret({
            namespace: opened.name,
            name: secretName,
        });
        const stored = Buffer.from(data!["client_secret"]!, "base64").toString();
        assert.notEqual(stored, former);
        assert.equal(clientSecrets[client], stored);
    });

    it("calls its server with the new secret", async () => {
        const token = await opened.token(client);
        const url = opened.outputs.endpoints["add-numbers"]!;
        const { status, text } = await post(url, addNumbers, bearer(token));
        assert.equal(status, 200, text);
    });

    it("is refused with the former secret", async () => {
        const { tokenEndpoint } = opened.outputs.clients[client]!;
        await assert.rejects(requestToken(tokenEndpoint, client, former), /unauthorized_client/);
    });

    it("restarts no pod and rolls out no Deployment", async () => {
        assert.equal(await listRunning(opened), running);
    });

    it("leaves nothing for the next deployment to change", async () => {
        const { changeSummary } = await opened.stack.preview();
        assert.deepEqual(Object.keys(changeSummary), ["same"]);
    });

    it("refuses a client that the stack does not have", async () => {
        await assert.rejects(
            rotateClient(opened.stack, "nobody"),
            /must be one of .*'add-numbers-only'.*, got 'nobody'/,
        );
    });
});

async function listRunning({ kubeConfig, name: namespace }: TestStack): Promise<string> {
    const pods = await kubeConfig.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    const deployments = await kubeConfig
        .makeApiClient(AppsV1Api)
        .listNamespacedDeployment({ namespace });
    const generations = deployments.items.map(
        ({ metadata }) => `${metadata?.name} ${metadata?.generation}`,
    );
    // Pods that an earlier change told to stop may go meanwhile.
    const staying = pods.items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const uids = staying.map(({ metadata, status }) =>
        [
            metadata?.uid,
            status?.containerStatuses?.map(({ restartCount }) => restartCount).join(),
        ].join(" "),
    );
    return [...generations, ...uids].sort().join("\n");
}
