import * as keycloak from "@pulumi/keycloak";
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { clearPendingOperations } from "../../local/interrupted.ts";
import { type FakeKeycloak, startFakeKeycloak } from "../support/fakeKeycloak.ts";
import { openProviderStack, type ProviderStack } from "./providerStack.ts";

/** The real engine and the stand-in, with a Keycloak that has the clients of a realm. */
describe("a client that Keycloak has and the state does not know", function () {
    this.timeout(60_000);
    let server: FakeKeycloak;
    const opened: ProviderStack[] = [];

    before(async () => {
        server = await startFakeKeycloak();
    });

    after(async () => {
        for (const one of opened) await one.close();
        await server.close();
    });

    async function open(state: string): Promise<ProviderStack> {
        const environment = { ...server.environment, SLIPWAY_STATE_ID: state };
        const one = await openProviderStack(["keycloak"], { environment, official: false });
        opened.push(one);
        return one;
    }

    const clientOf = (description: string) => () => {
        const args = { realmId: "r", clientId: "agent", accessType: "CONFIDENTIAL", description };
        return Promise.resolve({ id: new keycloak.openid.Client("agent", args).id });
    };

    it("is adopted when an interrupted update of the state created it", async () => {
        const one = await open("one");
        const { stack, directory } = one;
        const held = server.holdNext();
        one.use(clientOf("before"));
        const interrupted = assert.rejects(stack.up());
        await held;
        const [lock = ""] = globSync(join(directory, ".pulumi/locks/**/*.json"));
        process.kill((JSON.parse(readFileSync(lock, "utf8")) as { pid: number }).pid, "SIGKILL");
        await interrupted;
        const { deployment } = await stack.exportStack();
        assert.equal(deployment.pending_operations[0].type, "creating");
        const [left] = server.clients;

        await stack.cancel();
        await clearPendingOperations(stack);
        one.use(clientOf("after"));
        const { outputs } = await stack.up();
        assert.equal(outputs["id"]?.value, left?.id);
        const found = server.clients.map(({ clientId, description }) => [clientId, description]);
        assert.deepEqual(found, [["agent", "after"]]);
    });

    it("is refused when another stack created it, and is left as it is", async () => {
        const before = structuredClone(server.clients);
        const two = await open("two");
        two.use(clientOf("of another stack"));
        await assert.rejects(
            two.stack.up(),
            /create client 'agent' of realm 'r': refused with status 409: Client agent already exists; the state of this stack does not have it: choose another name/,
        );
        assert.deepEqual(server.clients, before);
        await two.stack.destroy();
        assert.deepEqual(server.clients, before);
    });
});
