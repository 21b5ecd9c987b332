import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import assert from "node:assert/strict";

import { openProviderStack, type ProviderStack } from "../providers/providerStack.ts";
import { clusterAuthority, connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import { addedNames, buildIdentityProgram } from "./identityProgram.ts";
import { exportRealm, withoutNames, writeInOrder } from "./realmExport.ts";

const { KEYCLOAK_URL: url = "", KEYCLOAK_USER: username = "" } = process.env;
const realm = `${testRun().name}-existing`;

/** A realm whose owner has changed everything that an identity has a counterpart of. */
async function createForeignRealm(admin: KeycloakAdminClient): Promise<void> {
    await admin.realms.create({
        realm,
        enabled: true,
        accessTokenLifespan: 123,
        bruteForceProtected: true,
        failureFactor: 3,
        attributes: { owner: "harbour" },
    });
    await admin.authenticationManagement.copyFlow({ realm, flow: "browser", newName: "harbour" });
    await admin.realms.update({ realm }, { browserFlow: "harbour" });
    const scope = await admin.clientScopes.create({
        realm,
        name: "berth",
        protocol: "openid-connect",
        protocolMappers: [
            {
                name: "audience",
                protocol: "openid-connect",
                protocolMapper: "oidc-audience-mapper",
                config: { "included.custom.audience": "https://berth.example.org" },
            },
        ],
    });
    await admin.clientScopes.addDefaultClientScope({ realm, id: scope.id });
    await admin.roles.create({ realm, name: "captain", attributes: { stripes: ["4"] } });
    const captain = (await admin.roles.findOneByName({ realm, name: "captain" }))!;
    const roles = [{ id: captain.id!, name: "captain" }];
    await admin.clientScopes.addRealmScopeMappings({ realm, id: scope.id }, roles);
    const group = await admin.groups.create({ realm, name: "sailors" });
    await admin.groups.addRealmRoleMappings({ realm, id: group.id, roles });
    await admin.users.create({
        realm,
        username: "ada",
        enabled: true,
        email: "ada@example.org",
        groups: ["sailors"],
        credentials: [{ type: "password", value: "a password of ada" }],
    });
    for (const clientId of ["pilot", "tug"]) {
        const { id } = await admin.clients.create({
            realm,
            clientId,
            secret: `secret of ${clientId}`,
            serviceAccountsEnabled: true,
            fullScopeAllowed: false,
            redirectUris: ["https://harbour.example.org/*"],
            attributes: { "access.token.lifespan": "77" },
        });
        await admin.clients.addRealmScopeMappings({ realm, id }, [captain]);
    }
}

describe("an identity in an existing realm", function () {
    this.timeout(120_000);
    let admin: KeycloakAdminClient;
    let opened: ProviderStack;
    let before_ = "";
    const read = async () => exportRealm(admin, realm);

    before(async () => {
        admin = await connectAdmin();
        await createForeignRealm(admin);
        before_ = writeInOrder(await read());
        const environment = { KUBECONFIG: process.env["KUBECONFIG"] ?? "" };
        opened = await openProviderStack(["keycloak", "kubernetes", "random"], {
            environment,
            official: false,
        });
        const program = buildIdentityProgram({
            ...{ url, username, password: process.env["KEYCLOAK_PASSWORD"] ?? "", realm },
            authority: clusterAuthority(),
            create: false,
            resourceIndicators: true,
            namespace: `${testRun().name}-existing`,
        });
        opened.use(program);
    });

    after(async () => {
        await opened.stack.destroy();
        await opened.close();
    });

    it("finds what is foreign in the export: clients with secrets, scopes, flows, roles, groups and users", () => {
        const expected = ["secret of pilot", "berth", "harbour", "captain", "sailors", "ada@"];
        for (const text of expected) assert.ok(before_.includes(text), text);
    });

    it("adds to it, and leaves all else as it is", async () => {
        await opened.stack.up();
        const during = await read();
        const text = writeInOrder(during);
        for (const name of ["mcp:weather", "buoy", "grace", "corporate", "service-account-buoy"]) {
            assert.ok(text.includes(`"${name}"`), `'${name}' must have been added`);
        }
        assert.equal(writeInOrder(withoutNames(during, addedNames)), before_);
    });

    it("leaves nothing behind: the realm is, byte for byte, what it was", async () => {
        await opened.stack.destroy();
        assert.equal(writeInOrder(await read()), before_);
    });
});
