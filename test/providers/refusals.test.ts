import assert from "node:assert/strict";

import { imageType } from "../../local/providers/docker/imageType.ts";
import { assignmentType, userRoles } from "../../local/providers/keycloak/assignments.ts";
import { attachedScopesType } from "../../local/providers/keycloak/attachedScopes.ts";
import { audienceMapperEntity } from "../../local/providers/keycloak/audienceMapper.ts";
import { clientEntity } from "../../local/providers/keycloak/client.ts";
import type { Connection } from "../../local/providers/keycloak/connection.ts";
import { clientScopeEntity } from "../../local/providers/keycloak/clientScope.ts";
import { entityType } from "../../local/providers/keycloak/entityType.ts";
import { groupEntity } from "../../local/providers/keycloak/group.ts";
import { identityProviderEntity } from "../../local/providers/keycloak/identityProvider.ts";
import { realmEntity } from "../../local/providers/keycloak/realm.ts";
import { roleEntity } from "../../local/providers/keycloak/role.ts";
import { scopeRoleType } from "../../local/providers/keycloak/scopeRoles.ts";
import { userEntity } from "../../local/providers/keycloak/user.ts";
import { Cluster } from "../../local/providers/kubernetes/cluster.ts";
import { objectType } from "../../local/providers/kubernetes/objectType.ts";
import { silentLog } from "../../local/providers/protocol/engineLog.ts";
import type { ResourceType } from "../../local/providers/protocol/provider.ts";
import { unknown } from "../../local/providers/protocol/values.ts";
import type { Values } from "../../local/providers/protocol/values.ts";

const connection = undefined as unknown as Connection;
const client = entityType(connection, clientEntity);
const mapper = entityType(connection, audienceMapperEntity);
const scope = entityType(connection, clientScopeEntity);
const realm = entityType(connection, realmEntity);
const attached = attachedScopesType(connection, "default");
const role = entityType(connection, roleEntity);
const group = entityType(connection, groupEntity);
const user = entityType(connection, userEntity);
const roles = assignmentType(connection, userRoles);
const scopeRole = scopeRoleType(connection);
const provider = entityType(connection, identityProviderEntity);
const defended = (bruteForceDetection: Values): Values => ({
    securityDefenses: { bruteForceDetection },
});

const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
});
const configMap = objectType(new Cluster({ kubeconfig: `${kubeconfig}\n` }), {
    apiVersion: "v1",
    kind: "ConfigMap",
});
const annotated = (annotation: string, value: string): Values => ({
    metadata: { name: "a", namespace: "b", annotations: { [`pulumi.com/${annotation}`]: value } },
});

const confidential = { realmId: "r", clientId: "c", accessType: "CONFIDENTIAL" };
const image = (more: Values): Values => ({ imageName: "localhost:1/a:1", ...more });

/** Inputs that a stand-in refuses because the official plugin does, or because it does not support them. */
const refusals: [what: string, type: ResourceType, inputs: Values, problems: string[]][] = [
    ["a client", client, confidential, []],
    ["a client without a realm", client, { clientId: "c", accessType: "PUBLIC" }, ["realmId"]],
    ["a client without an access type", client, { realmId: "r" }, ["accessType"]],
    ["an unknown access type", client, { ...confidential, accessType: "public" }, ["accessType"]],
    [
        "redirects without a flow",
        client,
        { ...confidential, validRedirectUris: ["https://a"] },
        ["validRedirectUris"],
    ],
    [
        "redirects of a flow that is not known yet",
        client,
        { ...confidential, validRedirectUris: ["https://a"], standardFlowEnabled: unknown },
        [],
    ],
    [
        "redirects with a flow",
        client,
        { ...confidential, validRedirectUris: ["https://a"], implicitFlowEnabled: true },
        [],
    ],
    [
        "a flow without redirects",
        client,
        { ...confidential, standardFlowEnabled: true },
        ["validRedirectUris"],
    ],
    [
        "origins without a flow",
        client,
        { ...confidential, webOrigins: ["https://a"], validPostLogoutRedirectUris: ["https://a"] },
        ["webOrigins", "validPostLogoutRedirectUris"],
    ],
    [
        "origins of a client with passwords",
        client,
        { ...confidential, webOrigins: ["https://a"], directAccessGrantsEnabled: true },
        [],
    ],
    [
        "a service account of a public client",
        client,
        { ...confidential, accessType: "PUBLIC", serviceAccountsEnabled: true },
        ["serviceAccountsEnabled"],
    ],
    [
        "a flow of a bearer-only client",
        client,
        { ...confidential, accessType: "BEARER-ONLY", serviceAccountsEnabled: true },
        ["accessType"],
    ],
    [
        "an unknown challenge method",
        client,
        { ...confidential, pkceCodeChallengeMethod: "S512" },
        ["pkceCodeChallengeMethod"],
    ],
    [
        "an unsupported property",
        client,
        { ...confidential, authorization: {}, import: true },
        ["authorization", "import"],
    ],
    ["a mapper", mapper, { realmId: "r", clientScopeId: "s", includedCustomAudience: "a" }, []],
    ["a mapper of nothing", mapper, { realmId: "r" }, ["clientId", "includedClientAudience"]],
    [
        "a mapper of two audiences",
        mapper,
        {
            ...{ realmId: "r", clientId: "c", clientScopeId: "s" },
            ...{ includedClientAudience: "a", includedCustomAudience: "a" },
        },
        ["clientId", "includedClientAudience"],
    ],
    ["a scope without a realm", scope, { name: "s" }, ["realmId"]],
    ["a realm with a policy", realm, { realm: "r", smtpServer: {} }, ["smtpServer"]],
    ["brute-force detection", realm, { realm: "r", ...defended({ maxLoginFailures: 5 }) }, []],
    [
        "security defenses that are not supported",
        realm,
        {
            realm: "r",
            securityDefenses: { headers: {}, bruteForceDetection: { maxTemporaryLockouts: 1 } },
        },
        ["securityDefenses.headers", "securityDefenses.bruteForceDetection.maxTemporaryLockouts"],
    ],
    ["a composite role", role, { realmId: "r", compositeRoles: [] }, ["compositeRoles"]],
    ["a role that exists", role, { realmId: "r", import: true }, ["import"]],
    ["a group in another", group, { realmId: "r", parentId: "p" }, ["parentId"]],
    ["a user in capitals", user, { realmId: "r", username: "Ada" }, ["username"]],
    ["roles of no user", roles, { realmId: "r", roleIds: [] }, ["userId"]],
    ["a role of no scope", scopeRole, { realmId: "r", roleId: "x" }, ["clientId"]],
    [
        "a role of a scope and a client",
        scopeRole,
        { realmId: "r", roleId: "x", clientId: "c", clientScopeId: "s" },
        ["clientId"],
    ],
    [
        "an identity provider without secret, in another mode",
        provider,
        {
            ...{ realm: "r", alias: "a", authorizationUrl: "https://a", tokenUrl: "https://a" },
            ...{ clientId: "c", syncMode: "ALWAYS" },
        },
        ["clientSecret", "syncMode"],
    ],
    ["scopes of no client", attached, { realmId: "r", defaultScopes: [] }, ["clientId"]],
    ["an image built in a preview", imageType, image({ buildOnPreview: true }), ["buildOnPreview"]],
    [
        "an image with another builder",
        imageType,
        image({ build: { builderVersion: "BuilderBuildKit" } }),
        ["build.builderVersion"],
    ],
    [
        "unsupported build options",
        imageType,
        image({ build: { secrets: {} }, pull: true }),
        ["pull", "build.secrets"],
    ],
    ["an object", configMap, annotated("skipAwait", "true"), []],
    ...["waitFor", "replaceUnready", "patchFieldManager"].map((name): (typeof refusals)[number] => [
        `an object with ${name}`,
        configMap,
        annotated(name, "true"),
        [`metadata.annotations["pulumi.com/${name}"]`],
    ]),
];

describe("a stand-in refuses inputs that its official plugin refuses, and unsupported ones", () => {
    for (const [what, type, inputs, problems] of refusals) {
        it(`${what}: ${problems.length === 0 ? "nothing" : problems.join(", ")}`, async () => {
            const { failures = [] } = await type.check({
                ...{ urn: "urn", name: "subject", type: "type", log: silentLog },
                ...{ signal: new AbortController().signal, timeoutSeconds: 0 },
                ...{ othersFailed: new AbortController().signal },
                ...{ oldInputs: {}, inputs, randomSeed: new Uint8Array(8) },
            });
            assert.deepEqual(
                failures.map(({ property }) => property),
                problems,
            );
            for (const { reason } of failures) assert.match(reason, /, got |official plugin/);
        });
    }

    const configurations: [Values, RegExp | undefined][] = [
        [{ enableServerSideApply: true, suppressDeprecationWarnings: true }, undefined],
        [{ enableServerSideApply: false }, /kubernetes:enableServerSideApply: must be true/],
        [{ renderYamlToDirectory: "out" }, /kubernetes:renderYamlToDirectory: "out" is not known/],
        [
            { skipUpdateUnreachable: true, kubeClientSettings: '{"qps":5}' },
            /skipUpdateUnreachable.*\n.*kubeClientSettings/,
        ],
    ];
    for (const [config, message] of configurations) {
        it(`a provider of kubernetes with ${JSON.stringify(config)}`, () => {
            const make = () => new Cluster({ ...config, kubeconfig: `${kubeconfig}\n` });
            if (message === undefined) make();
            else assert.throws(make, message);
        });
    }
});
