import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { clusterAuthority, connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import { describeSteps } from "./contract.ts";
import type { ProviderStack } from "./providerStack.ts";

const { KEYCLOAK_URL: url = "", KEYCLOAK_USER: username = "" } = process.env;
const realm = `${testRun().name}-access`;
const password = "a password of a test";

/** A realm with all that decides who may have which scope. */
const programOf =
    (description: string, sought = "demo") =>
    () => {
        const login = {
            url,
            username,
            password: pulumi.secret(process.env["KEYCLOAK_PASSWORD"] ?? ""),
        };
        const provider = new keycloak.Provider("access", {
            ...login,
            clientId: "admin-cli",
            rootCaCertificate: clusterAuthority(),
            initialLogin: false,
        });
        const opts = { provider };
        const securityDefenses = { bruteForceDetection: { maxLoginFailures: 7 } };
        const made = new keycloak.Realm("realm", { realm, securityDefenses }, opts);
        const realmId = made.realm;
        const scope = new keycloak.openid.ClientScope("scope", { realmId, name: "mcp:demo" }, opts);
        const attributes = { owner: "a##b" };
        const role = new keycloak.Role(
            "role",
            { realmId, name: "demo", description, attributes },
            opts,
        );
        const roleOfScope = { realmId, clientScopeId: scope.id, roleId: role.id };
        const mapped = new keycloak.GenericRoleMapper("mapped", roleOfScope, opts);
        const group = new keycloak.Group("group", { realmId, name: "makers", attributes }, opts);
        const rolesOfGroup = { realmId, groupId: group.id, roleIds: [role.id], exhaustive: false };
        new keycloak.GroupRoles("group-roles", rolesOfGroup, opts);
        const user = new keycloak.User(
            "user",
            {
                ...{ realmId, username: "ada", email: "ada@example.org", firstName: description },
                initialPassword: { value: pulumi.secret(`${password}, ${description}`) },
            },
            opts,
        );
        const groupsOfUser = { realmId, userId: user.id, groupIds: [group.id], exhaustive: false };
        new keycloak.UserGroups("user-groups", groupsOfUser, opts);
        const rolesOfUser = { realmId, userId: user.id, roleIds: [role.id], exhaustive: false };
        new keycloak.UserRoles("user-roles", rolesOfUser, opts);
        const upstream = new keycloak.oidc.IdentityProvider(
            "upstream",
            {
                ...{ realm: realmId, alias: "corporate", displayName: description },
                authorizationUrl: "https://login.example.org/authorize",
                tokenUrl: "https://login.example.org/token",
                jwksUrl: "https://login.example.org/keys",
                clientId: "slipway",
                clientSecret: pulumi.secret(password),
                syncMode: "FORCE",
            },
            opts,
        );
        const extraConfig = { claim: "department", "claim.value": "sea", role: "demo" };
        new keycloak.CustomIdentityProviderMapping(
            "mapper",
            {
                ...{ realm: realmId, name: "sea", identityProviderAlias: upstream.alias },
                identityProviderMapper: "oidc-role-idp-mapper",
                extraConfig: { syncMode: "INHERIT", ...extraConfig },
            },
            opts,
        );
        const named = { realmId, name: mapped.id.apply(() => sought) };
        const found = keycloak.getRoleOutput(named, { provider });
        const inGroup = { realmId, name: group.name };
        return Promise.resolve({
            role: role.id,
            foundRole: found.id,
            group: group.id,
            foundGroup: keycloak.getGroupOutput(inGroup, { provider }).id,
            user: user.id,
            foundUser: keycloak.getUserOutput({ realmId, username: user.username }, { provider })
                .id,
        });
    };

/** What the program makes, as the administration API lists it; undefined when there is no realm. */
async function look() {
    const admin = await connectAdmin();
    const found = await admin.realms.findOne({ realm });
    if (!found) return undefined;
    const [user] = await admin.users.find({ realm, username: "ada" });
    const id = user?.id ?? "";
    const [scope] = (await admin.clientScopes.find({ realm })).filter(
        ({ name }) => name === "mcp:demo",
    );
    const role = await admin.roles.findOneByName({ realm, name: "demo" });
    const [group] = await admin.groups.find({ realm, briefRepresentation: false });
    const names = (listed: { name?: string }[]) =>
        listed.flatMap(({ name = "" }) => (name.startsWith("default-roles") ? [] : [name]));
    const groupRoles = await admin.groups.listRealmRoleMappings({ realm, id: group?.id ?? "" });
    const provider = await admin.identityProviders.findOne({ realm, alias: "corporate" });
    const mappers = provider
        ? await admin.identityProviders.findMappers({ realm, alias: "corporate" })
        : [];
    return {
        detection: [found.bruteForceProtected, found.failureFactor, found.waitIncrementSeconds],
        role: [role?.description, role?.attributes],
        group: [group?.name, names(groupRoles)],
        user: [user?.firstName, names(await admin.users.listGroups({ realm, id }))],
        userRoles: names(await admin.users.listRealmRoleMappings({ realm, id })),
        scope: names(
            await admin.clientScopes.listRealmScopeMappings({ realm, id: scope?.id ?? "" }),
        ),
        provider: [provider?.displayName, provider?.config?.["useJwksUrl"]],
        mappers: mappers.map(({ name, config }) => [name, (config as { role: string }).role]),
    };
}

const expected = (description: string) => ({
    detection: [true, 7, 60],
    role: [description, { owner: ["a", "b"] }],
    group: ["makers", ["demo"]],
    user: [description, ["makers"]],
    userRoles: ["demo"],
    scope: ["demo"],
    provider: [description, "true"],
    mappers: [["sea", "demo"]],
});

async function meddle(): Promise<void> {
    const admin = await connectAdmin();
    const role = (await admin.roles.findOneByName({ realm, name: "demo" }))!;
    const roles = [{ id: role.id ?? "", name: "demo" }];
    const [user] = await admin.users.find({ realm, username: "ada" });
    const [group] = await admin.groups.find({ realm });
    await admin.users.delRealmRoleMappings({ realm, id: user?.id ?? "", roles });
    await admin.users.delFromGroup({ realm, id: user?.id ?? "", groupId: group?.id ?? "" });
    await admin.groups.delRealmRoleMappings({ realm, id: group?.id ?? "", roles });
    const [scope] = (await admin.clientScopes.find({ realm })).filter(
        ({ name }) => name === "mcp:demo",
    );
    await admin.clientScopes.delRealmScopeMappings({ realm, id: scope?.id ?? "" }, [role]);
    await admin.identityProviders.del({ realm, alias: "corporate" });
    await admin.realms.update({ realm }, { failureFactor: 99 });
}

const quiet = async ({ stack }: ProviderStack) => {
    await stack.refresh({ expectNoChanges: true });
    await stack.up({ expectNoChanges: true });
};

await describeSteps(
    { title: "keycloak roles, groups, users and identity providers", packages: ["keycloak"] },
    [
        [
            "creates nothing in a preview",
            async (opened) => {
                opened.use(programOf("first"));
                await opened.stack.preview();
                assert.equal(await look(), undefined);
            },
        ],
        [
            "creates them, and finds them by name",
            async (opened) => {
                const { outputs } = await opened.stack.up();
                assert.deepEqual(await look(), expected("first"));
                for (const [one, other] of [
                    ["role", "foundRole"],
                    ["group", "foundGroup"],
                    ["user", "foundUser"],
                ] as const)
                    assert.equal(outputs[one]?.value, outputs[other]?.value);
                assert.ok(!(await opened.readState()).includes(password), "a secret in the state");
            },
        ],
        ["finds neither change nor drift", quiet],
        [
            "updates them in place, but not the first password",
            async (opened) => {
                opened.use(programOf("second"));
                const { summary } = await opened.stack.up();
                assert.deepEqual(summary.resourceChanges?.["replace"], undefined);
                assert.deepEqual(summary.resourceChanges?.["update"], 3);
                assert.deepEqual(await look(), expected("second"));
                await quiet(opened);
            },
        ],
        [
            "repairs outside changes",
            async (opened) => {
                await meddle();
                assert.notDeepEqual(await look(), expected("second"));
                await opened.stack.up({ refresh: true });
                assert.deepEqual(await look(), expected("second"));
            },
        ],
        [
            "refuses a role that does not exist, and keeps the rest",
            async (opened) => {
                opened.use(programOf("second", "no such role"));
                await assert.rejects(opened.stack.up(), /no such role/);
                assert.deepEqual(await look(), expected("second"));
            },
        ],
        [
            "deletes them",
            async (opened) => {
                await opened.stack.destroy();
                assert.equal(await look(), undefined);
            },
        ],
    ],
);
