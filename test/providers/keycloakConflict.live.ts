import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { clusterAuthority, connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import { openProviderStack, type ProviderStack } from "./providerStack.ts";

const realm = `${testRun().name}-conflict`;

/** A client, in a realm that the program creates, with a scope and a policy, or in one that it finds. */
const programOf = (description: string, createsRealm: boolean) => () => {
    const { KEYCLOAK_URL: url = "", KEYCLOAK_USER: username = "" } = process.env;
    const password = pulumi.secret(process.env["KEYCLOAK_PASSWORD"] ?? "");
    const access = { url, username, password, clientId: "admin-cli", initialLogin: false };
    const rootCaCertificate = clusterAuthority();
    const opts = { provider: new keycloak.Provider("access", { ...access, rootCaCertificate }) };
    const realmId = createsRealm ? new keycloak.Realm("realm", { realm }, opts).realm : realm;
    const scopeArgs = { realmId, name: "mcp:demo", description };
    const kind = { providerId: "trusted-hosts", subType: "anonymous" };
    const config = {
        "trusted-hosts": description,
        "client-uris-must-match": "true",
        "host-sending-registration-request-must-match": "false",
    };
    const policyArgs = { realmId, name: "closed", ...kind, config };
    const more = createsRealm
        ? [
              new keycloak.openid.ClientScope("scope", scopeArgs, opts).id,
              new keycloak.RealmClientRegistrationPolicy("policy", policyArgs, opts).id,
          ]
        : [];
    const clientArgs = { realmId, clientId: "agent", accessType: "CONFIDENTIAL", description };
    const client = new keycloak.openid.Client("agent", clientArgs, opts);
    return Promise.resolve({ ids: pulumi.all([client.id, ...more]) });
};

/** What interrupted updates leave in a real Keycloak, which answers 409 to the next creation. */
describe("entities that Keycloak has and the state does not know", function () {
    this.timeout(120_000);
    let own: ProviderStack;
    let other: ProviderStack;

    before(async () => {
        const open = (state: string) =>
            openProviderStack(["keycloak"], {
                environment: { SLIPWAY_STATE_ID: `${testRun().name}-${state}` },
                official: false,
            });
        [own, other] = await Promise.all([open("own"), open("other")]);
    });

    after(async () => {
        for (const one of [other, own]) {
            await one.stack.destroy();
            await one.close();
        }
    });

    const describeClient = async () => {
        const admin = await connectAdmin();
        const clients = await admin.clients.find({ realm, clientId: "agent" });
        return clients.map(({ id, description }) => ({ id, description }));
    };

    it("are adopted when the same state created them", async () => {
        const { stack } = own;
        const empty = await stack.exportStack();
        own.use(programOf("before", true));
        const before = await stack.up();
        // As if the engine had been killed before it wrote any of them down.
        await stack.importStack(empty);
        own.use(programOf("after", true));
        const after = await stack.up();
        assert.deepEqual(after.outputs["ids"]?.value, before.outputs["ids"]?.value);
        const [id] = after.outputs["ids"]?.value as string[];
        assert.deepEqual(await describeClient(), [{ id, description: "after" }]);
    });

    for (const [what, createsRealm] of [
        ["client", false],
        ["realm", true],
    ] as const) {
        it(`are refused when another state created them: a ${what}`, async () => {
            const before = await describeClient();
            other.use(programOf("of another state", createsRealm));
            const refusal = `create ${what} '.*: refused with status 409: .*; the state of this stack does not have it: `;
            await assert.rejects(other.stack.up(), new RegExp(refusal));
            assert.deepEqual(await describeClient(), before);
        });
    }

    it("stay when the other state is destroyed", async () => {
        const before = await describeClient();
        await other.stack.destroy();
        assert.deepEqual(await describeClient(), before);
    });
});
