import { KubeConfig } from "@kubernetes/client-node";
import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import { describeContract, describeMaking } from "./contract.ts";

const {
    KEYCLOAK_URL: url = "",
    KEYCLOAK_USER: username = "",
    KEYCLOAK_PASSWORD = "",
} = process.env;

const config = new KubeConfig();
config.loadFromDefault();
const rootCaCertificate = Buffer.from(
    config.getCurrentCluster()?.caData ?? "",
    "base64",
).toString();

const realm = `${testRun().name}-policies`;
const packages = ["keycloak"] as const;

/** A program with a realm and what `make` adds to it. */
function inRealm(
    make: (realmId: pulumi.Output<string>, opts: pulumi.CustomResourceOptions) => void,
) {
    return () => {
        const password = pulumi.secret(KEYCLOAK_PASSWORD);
        const access = { url, username, password, clientId: "admin-cli", rootCaCertificate };
        const provider = new keycloak.Provider("access", { ...access, initialLogin: false });
        const { realm: realmId } = new keycloak.Realm("realm", { realm }, { provider });
        make(realmId, { provider });
        return Promise.resolve({});
    };
}

/** What a realm has, as text; empty when there is no realm. */
async function look<T>(read: (admin: Awaited<ReturnType<typeof connectAdmin>>) => Promise<T>) {
    const admin = await connectAdmin();
    const found = await admin.realms.findOne({ realm });
    return found ? JSON.stringify(await read(admin)) : "";
}

interface Policy {
    name?: string;
    description?: string;
    accessType?: string;
    condition?: string;
}

const policyOf = ({ name = "people", ...policy }: Policy) =>
    inRealm((realmId, opts) => {
        const executors = [{ name: "pkce-enforcer", configuration: { "auto-configure": "true" } }];
        const profile = new keycloak.RealmClientPolicyProfile(
            "profile",
            { realmId, name: "pkce", executors },
            opts,
        );
        const conditions = [
            {
                name: policy.condition ?? "client-access-type",
                configuration: { type: `["${policy.accessType ?? "public"}"]` },
            },
        ];
        new keycloak.RealmClientPolicyProfilePolicy(
            "subject",
            {
                realmId,
                name,
                profiles: [profile.name],
                conditions,
                ...(policy.description !== undefined && { description: policy.description }),
            },
            opts,
        );
    });

await describeContract({
    title: "keycloak RealmClientPolicyProfilePolicy with its profile",
    type: "keycloak:index/realmClientPolicyProfilePolicy:RealmClientPolicyProfilePolicy",
    packages,
    first: policyOf({}),
    updates: [policyOf({ accessType: "bearer-only", description: "second" })],
    replaced: policyOf({ name: "programs" }),
    broken: { program: policyOf({ name: "programs", condition: "none" }), message: /policy/i },
    outside: {
        look: () =>
            look(async (admin) => [
                (await admin.clientPolicies.listProfiles({ realm })).profiles,
                (await admin.clientPolicies.listPolicies({ realm })).policies,
            ]),
        meddle: async () => {
            const admin = await connectAdmin();
            const { policies = [] } = await admin.clientPolicies.listPolicies({ realm });
            const changed = policies.map((policy) => ({ ...policy, enabled: false }));
            await admin.clientPolicies.updatePolicy({ realm, policies: changed });
        },
    },
});

await describeMaking({
    title: "keycloak RealmClientPolicyProfile",
    type: "keycloak:index/realmClientPolicyProfile:RealmClientPolicyProfile",
    packages,
    first: inRealm((realmId, opts) => {
        const executors = ["pkce-enforcer", "consent-required"].map((name) => ({
            name,
            configuration: { "auto-configure": "true" },
        }));
        new keycloak.RealmClientPolicyProfile("subject", { realmId, executors }, opts);
    }),
    outside: {
        look: () => look((admin) => admin.clientPolicies.listProfiles({ realm })),
        meddle: () => Promise.resolve(),
    },
});

const policyType = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";
const registrationOf = (hosts: string, subType = "anonymous", more: Record<string, string> = {}) =>
    inRealm((realmId, opts) => {
        new keycloak.RealmClientRegistrationPolicy(
            "subject",
            {
                realmId,
                name: "Hosts",
                providerId: "trusted-hosts",
                subType,
                config: {
                    "trusted-hosts": hosts,
                    "client-uris-must-match": "true",
                    "host-sending-registration-request-must-match": "false",
                    ...more,
                },
            },
            opts,
        );
    });

await describeContract({
    title: "keycloak RealmClientRegistrationPolicy",
    type: "keycloak:index/realmClientRegistrationPolicy:RealmClientRegistrationPolicy",
    packages,
    first: registrationOf("localhost"),
    updates: [registrationOf("localhost,claude.ai,127.0.0.1")],
    replaced: registrationOf("localhost", "authenticated"),
    broken: {
        program: registrationOf("localhost", "authenticated", {
            "client-uris-must-match": "maybe",
        }),
        message: /client-uris-must-match|Client URIs Must Match/i,
    },
    refused: {
        "another kind of request": { program: registrationOf("a", "all"), message: /sub_?type/i },
    },
    outside: {
        look: () =>
            look(async (admin) => {
                const found = await admin.components.find({ realm, type: policyType });
                return found
                    .filter(({ name }) => name === "Hosts")
                    .map(({ subType, config = {} }) => [
                        subType,
                        Object.entries(config)
                            .map(([key, values]) => [key, [...(values as string[])].sort()])
                            .sort(),
                    ]);
            }),
        meddle: async () => {
            const admin = await connectAdmin();
            const found = await admin.components.find({ realm, type: policyType });
            const own = found.find(({ name }) => name === "Hosts");
            const changed = {
                ...own,
                config: { ...own?.config, "trusted-hosts": ["evil.example"] },
            };
            await admin.components.update({ realm, id: own?.id ?? "" }, changed);
        },
    },
});

const scopes = inRealm((realmId, opts) => {
    const scope = new keycloak.openid.ClientScope("scope", { realmId, name: "mcp:demo" }, opts);
    const defaults = new keycloak.RealmDefaultClientScopes(
        "defaults",
        { realmId, defaultScopes: ["basic"] },
        opts,
    );
    new keycloak.RealmOptionalClientScopes(
        "subject",
        { realmId, optionalScopes: ["mcp:demo", "offline_access"] },
        { ...opts, dependsOn: [scope, defaults] },
    );
});

await describeMaking({
    title: "keycloak RealmOptionalClientScopes with RealmDefaultClientScopes",
    type: "keycloak:index/realmOptionalClientScopes:RealmOptionalClientScopes",
    packages,
    first: scopes,
    outside: {
        look: () =>
            look(async (admin) => {
                const where = { realm } as void & { realm: string };
                const lists = await Promise.all([
                    admin.clientScopes.listDefaultClientScopes(where),
                    admin.clientScopes.listDefaultOptionalClientScopes(where),
                ]);
                return lists.map((scopes) => scopes.map(({ name }) => name).sort());
            }),
        meddle: () => Promise.resolve(),
    },
});
