import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { AccessGrant } from "../../../components/identity/accessArgs.ts";
import type { IdentityArgs } from "../../../components/identity/args.ts";
import { Identity } from "../../../components/identity/identity.ts";
import { findIdentityProblems } from "../../../components/identity/rules.ts";
import { corporateProvider } from "../../support/identityProvider.ts";
import { kindOf, only, recordResources } from "../../support/recordResources.ts";
import type { Recording } from "../../support/recordResources.ts";
import { realmArgs } from "./realmArgs.ts";

const args: IdentityArgs = {
    ...realmArgs,
    clients: [{ name: "sailor", servers: ["weather"] }, { name: "harbour" }],
};

function deploy(access: AccessGrant[] | undefined, more: Partial<IdentityArgs> = {}) {
    return recordResources(() => new Identity("login", { ...args, access, ...more }));
}

/** Names of the roles that a resource assigns. */
function rolesOf(recording: Recording, kind: string, name: string): string[] {
    const { roleIds } = only(recording, kind, name).inputs as { roleIds: string[] };
    return roleIds.map(
        (id) => only(recording, "Role", id.replace(/-id$/, "")).inputs.name as string,
    );
}

/** Names of the roles of which a scope requires one. */
function guardsOf(recording: Recording, scope: string): string[] {
    const scopes = recording.filter((one) => kindOf(one) === "ClientScope");
    const { name } = scopes.find(({ inputs }) => inputs.name === scope)!;
    return recording
        .filter(
            (one) =>
                kindOf(one) === "GenericRoleMapper" && one.inputs.clientScopeId === `${name}-id`,
        )
        .map(({ inputs }) => only(recording, "Role", inputs.roleId.replace(/-id$/, "")).inputs.name)
        .sort();
}

describe("the access table", () => {
    it("leaves every scope to every user where there is none", async () => {
        const recording = await deploy(undefined);
        for (const kind of ["Role", "GenericRoleMapper", "UserRoles", "GroupRoles"])
            assert.equal(
                recording.some((one) => kindOf(one) === kind),
                false,
                kind,
            );
    });

    it("closes every scope, those that no row grants included", async () => {
        const recording = await deploy([]);
        for (const scope of ["mcp:weather", "mcp:tides", "wind:read"])
            assert.deepEqual(guardsOf(recording, scope), [scope]);
    });

    const rows: {
        row: AccessGrant;
        kind: string;
        name: string;
        roles: string[];
    }[] = [
        {
            row: { group: "forecasters", servers: ["weather"] },
            kind: "GroupRoles",
            name: "login-group-forecasters-roles",
            roles: ["mcp:weather"],
        },
        {
            row: { group: "forecasters", servers: ["weather"], scopes: ["wind:read"] },
            kind: "GroupRoles",
            name: "login-group-forecasters-roles",
            roles: ["mcp:weather", "wind:read"],
        },
        {
            row: { group: "pilots", servers: ["*"] },
            kind: "GroupRoles",
            name: "login-group-pilots-roles",
            roles: ["mcp:weather", "mcp:tides"],
        },
        {
            row: { user: "ada", servers: ["tides"] },
            kind: "UserRoles",
            name: "login-user-ada-roles",
            roles: ["mcp:tides"],
        },
        {
            row: { client: "harbour", servers: ["tides"] },
            kind: "UserRoles",
            name: "login-harbour-roles",
            roles: ["mcp:tides"],
        },
        {
            row: { client: "sailor", servers: ["weather"], scopes: ["wind:read"] },
            kind: "UserRoles",
            name: "login-sailor-roles",
            roles: ["mcp:weather", "wind:read"],
        },
    ];
    for (const { row, kind, name, roles } of rows) {
        it(`grants ${JSON.stringify(row)}: ${roles.join(", ")}`, async () => {
            const recording = await deploy([row], { users: [{ username: "ada" }] });
            assert.deepEqual(rolesOf(recording, kind, name), roles);
            assert.equal(only(recording, kind, name).inputs.exhaustive, false);
        });
    }

    it("requires a role of the table beside that of the scope", async () => {
        const recording = await deploy([{ role: "operator", servers: ["tides"] }]);
        assert.deepEqual(guardsOf(recording, "mcp:tides"), ["mcp:tides", "operator"]);
        assert.deepEqual(guardsOf(recording, "mcp:weather"), ["mcp:weather"]);
    });

    it("adds its rows to the servers and scopes of a machine client", async () => {
        const granted = [
            { client: "sailor", servers: ["tides"] },
            { client: "harbour", servers: ["weather"], scopes: ["wind:read"] },
        ];
        let identity!: Identity;
        const recording = await recordResources(() => {
            identity = new Identity("login", { ...args, access: granted });
        });
        assert.deepEqual(identity.clients["sailor"]!.servers, ["weather", "tides"]);
        assert.deepEqual(identity.clients["harbour"]!.scopes, ["wind:read"]);
        const { defaultScopes } = only(
            recording,
            "ClientDefaultScopes",
            "login-harbour-default-scopes",
        ).inputs;
        assert.deepEqual(defaultScopes, ["basic", "mcp:weather", "wind:read"]);
    });

    it("creates users with a first password that they replace, in groups of the table", async () => {
        const initialPassword = pulumi.secret("a first password");
        const users = [
            { username: "ada", email: "ada@example.org", groups: ["pilots"], initialPassword },
        ];
        const recording = await deploy([{ group: "pilots", servers: ["*"] }], { users });
        const { inputs } = only(recording, "User");
        assert.deepEqual(inputs.initialPassword, { value: "a first password", temporary: true });
        assert.deepEqual(only(recording, "UserGroups").inputs.groupIds, ["login-group-pilots-id"]);
    });

    it("maps claims of an identity provider to groups at every login", async () => {
        const recording = await deploy([{ group: "sailors", servers: ["*"] }], {
            identityProviders: [corporateProvider],
        });
        const { inputs } = only(recording, "IdentityProvider");
        assert.deepEqual(
            [inputs.syncMode, inputs.validateSignature, inputs.defaultScopes, inputs.trustEmail],
            ["FORCE", true, "openid profile email", false],
        );
        const { extraConfig } = only(recording, "CustomIdentityProviderMapping").inputs;
        assert.equal(extraConfig.claims, '[{"key":"department","value":"sea"}]');
        assert.equal(extraConfig.group, "/sailors");
    });
});

describe("a created realm", () => {
    it("keeps people logged in for a week of use, rotates refresh tokens and slows guessing", async () => {
        const { inputs } = only(await deploy(undefined), "Realm");
        assert.deepEqual(
            [
                inputs.accessTokenLifespan,
                inputs.ssoSessionIdleTimeout,
                inputs.ssoSessionMaxLifespan,
            ],
            ["15m0s", "168h0m0s", "720h0m0s"],
        );
        assert.deepEqual([inputs.revokeRefreshToken, inputs.refreshTokenMaxReuse], [true, 0]);
        assert.equal(inputs.securityDefenses.bruteForceDetection.maxLoginFailures, 10);
    });

    it("has the lifetimes and limits that it is given", async () => {
        const realm = {
            name: "tools",
            lifetimes: { accessTokenMinutes: 90, refreshTokenReuse: 1 },
            bruteForce: { maxLoginFailures: 3 },
        };
        const { inputs } = only(await deploy(undefined, { realm }), "Realm");
        assert.deepEqual([inputs.accessTokenLifespan, inputs.refreshTokenMaxReuse], ["1h30m0s", 1]);
        assert.equal(inputs.securityDefenses.bruteForceDetection.maxLoginFailures, 3);
    });

    it("has a client for each server where Keycloak checks 'resource'", async () => {
        const realm = { name: "tools", resourceIndicators: true };
        const { inputs } = only(
            await deploy(undefined, { realm }),
            "Client",
            "login-weather-resource",
        );
        const resource = "https://mcp.example.org/weather/mcp";
        assert.deepEqual(
            [inputs.clientId, inputs.accessType, inputs.extraConfig],
            [resource, "BEARER-ONLY", { resource_url: resource }],
        );
    });
});

type Checked = Parameters<typeof findIdentityProblems>[0];

const existing = { name: "tools", create: false };
const refusals: { change: Partial<Checked>; wrong: Record<string, RegExp> }[] = [
    { change: { access: [{ group: "pilots", servers: ["*"] }] }, wrong: {} },
    {
        change: { access: [{ servers: ["weather"] }] },
        wrong: { "access[0]": /one of group, role, user and client, got none/ },
    },
    {
        change: { access: [{ group: "pilots", user: "ada", servers: ["weather"] }] },
        wrong: { "access[0]": /got group and user/ },
    },
    {
        change: { access: [{ group: "pilots", servers: ["wether"] }] },
        wrong: { "access[0].servers": /got 'wether'; did you mean 'weather'/ },
    },
    {
        change: { access: [{ group: "pilots", servers: ["weather"], scopes: ["wind:rea"] }] },
        wrong: { "access[0].scopes": /\(wind:read\), got 'wind:rea'; did you mean 'wind:read'/ },
    },
    {
        change: { access: [{ group: "pilots", servers: ["tides"], scopes: ["wind:read"] }] },
        wrong: { "access[0].scopes": /tools of its servers need \(none\)/ },
    },
    {
        change: { access: [{ client: "sailer", servers: ["weather"] }] },
        wrong: { "access[0].client": /got 'sailer'; did you mean 'sailor'/ },
    },
    {
        change: { access: [{ user: "ada", servers: ["weather"] }] },
        wrong: { "access[0].user": /one of 'users' \(none\)/ },
    },
    { change: { realm: existing, access: [{ user: "ada", servers: ["weather"] }] }, wrong: {} },
    {
        change: { access: [{ role: "mcp:tides", servers: ["weather"] }] },
        wrong: { "access[0].role": /must not be a scope/ },
    },
    {
        change: { access: [{ group: "/a/b", servers: ["weather"] }] },
        wrong: { "access[0].group": /without '\/'/ },
    },
    { change: { realm: existing, access: [{ group: "/a/b", servers: ["weather"] }] }, wrong: {} },
    {
        change: {
            access: [
                { group: "a b", servers: ["weather"] },
                { group: "a-b", servers: ["weather"] },
            ],
        },
        wrong: { "access[1].group": /differ from 'a b'/ },
    },
    {
        change: {
            users: [{ username: "Ada" }, { username: "bob", email: "bob" }, { username: "bob" }],
        },
        wrong: {
            "users[0].username": /lower-case .*got 'Ada'/,
            "users[1].email": /got 'bob'/,
            "users[2].username": /once, got 'bob' again/,
        },
    },
    {
        change: { users: [{ username: "ada", groups: ["pilots"] }] },
        wrong: { "users[0].groups": /groups of 'access' \(none\), got 'pilots'/ },
    },
    {
        change: {
            access: [{ group: "sailors", servers: ["*"] }],
            identityProviders: [corporateProvider],
        },
        wrong: {},
    },
    {
        change: {
            identityProviders: [
                {
                    ...corporateProvider,
                    alias: "a b",
                    tokenUrl: "login",
                    groups: [{ claim: "c", value: "v", group: "g" }],
                },
            ],
        },
        wrong: {
            "identityProviders[0].alias": /got 'a b'/,
            "identityProviders[0].tokenUrl": /got 'login'/,
            "identityProviders[0].groups": /got 'g'/,
        },
    },
    {
        change: { realm: undefined, clients: [], access: [{ group: "g", servers: ["weather"] }] },
        wrong: { access: /administered elsewhere, got 1/ },
    },
    {
        change: { realm: { ...existing, lifetimes: {}, bruteForce: {} } },
        wrong: { lifetimes: /existing realm/, bruteForce: /existing realm/ },
    },
    {
        change: {
            realm: { name: "tools", lifetimes: { sessionIdleHours: 2, sessionMaxHours: 1 } },
        },
        wrong: { "lifetimes.sessionIdleHours": /not be above sessionMaxHours \(1\), got 2/ },
    },
    {
        change: { realm: { name: "tools", lifetimes: { accessTokenMinutes: 0.5 } } },
        wrong: { "lifetimes.accessTokenMinutes": /whole number of at least 1, got 0.5/ },
    },
    {
        change: { servers: { weather: { scopes: ["profile"] } }, clients: [] },
        wrong: { "servers.weather.scopes": /every realm, got 'profile'; .*'mcp:profile'/ },
    },
];

describe("findIdentityProblems, of the access table and the realm", () => {
    for (const { change, wrong } of refusals) {
        it(`finds [${Object.keys(wrong).join(", ")}] wrong with ${JSON.stringify(change)}`, () => {
            const problems = findIdentityProblems({ ...args, ...change });
            assert.deepEqual(
                problems.map(({ path }) => path),
                Object.keys(wrong),
            );
            for (const { path, reason } of problems) assert.match(reason, wrong[path]!);
        });
    }
});
