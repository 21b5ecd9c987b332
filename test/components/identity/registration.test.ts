import assert from "node:assert/strict";

import type { IdentityArgs } from "../../../components/identity/args.ts";
import { Identity } from "../../../components/identity/identity.ts";
import type { ClientRegistration } from "../../../components/identity/registrationArgs.ts";
import { findRegistrationProblems } from "../../../components/identity/registrationRules.ts";
import { inventory, kindOf, only, recordResources } from "../../support/recordResources.ts";
import { realmArgs } from "./realmArgs.ts";

const dynamic = { redirectHosts: ["localhost", "127.0.0.1"] };
const documents = { hosts: ["claude.ai"] };

function deploy(registration?: ClientRegistration, more: Partial<IdentityArgs> = {}) {
    const all = { ...realmArgs, ...more, ...(registration !== undefined && { registration }) };
    return recordResources(() => new Identity("login", all));
}

/** What registration adds to an identity. */
async function addedBy(registration: ClientRegistration): Promise<string[]> {
    const without = inventory(await deploy());
    const added = inventory(await deploy(registration)).filter((one) => !without.includes(one));
    return added.map((one) => one.replace("Identity login / ", ""));
}

const shared = [
    "RealmClientPolicyProfile login-public-clients-profile",
    "RealmClientPolicyProfilePolicy login-public-clients-policy",
    "RealmOptionalClientScopes login-registered-scopes",
];

describe("registration of clients", () => {
    it("creates what metadata documents need and nothing for dynamic registration", async () => {
        assert.deepEqual(
            await addedBy({ documents }),
            [
                "RealmClientPolicyProfile login-document-clients-profile",
                "RealmClientPolicyProfilePolicy login-document-clients-policy",
                ...shared,
            ].sort(),
        );
    });

    it("creates what dynamic registration needs and accepts no metadata documents", async () => {
        assert.deepEqual(
            await addedBy({ dynamic }),
            [
                "RealmClientPolicyProfile login-dynamic-clients-profile",
                "RealmClientPolicyProfilePolicy login-dynamic-clients-policy",
                "RealmClientRegistrationPolicy login-registration-hosts",
                ...shared,
            ].sort(),
        );
    });

    it("offers the scopes of all servers and their tools", async () => {
        const { inputs } = only(await deploy({ dynamic }), "RealmOptionalClientScopes");
        assert.deepEqual(inputs.optionalScopes, [
            ...["offline_access", "mcp:weather", "mcp:tides", "wind:read"],
        ]);
    });

    it("offers the scopes of the given servers alone", async () => {
        const recording = await deploy({ dynamic, servers: ["tides"] });
        const { inputs } = only(recording, "RealmOptionalClientScopes");
        assert.deepEqual(inputs.optionalScopes, ["offline_access", "mcp:tides"]);
    });

    it("trusts the hosts of documents as client ids, and loopback hosts as redirects only", async () => {
        const recording = await deploy({ documents: { hosts: ["vscode.dev", "claude.ai"] } });
        const [executor] = only(
            recording,
            "RealmClientPolicyProfile",
            "login-document-clients-profile",
        ).inputs.executors;
        assert.equal(executor.name, "client-id-metadata-document");
        assert.deepEqual(executor.configuration, {
            "cimd-allow-http-scheme": "false",
            "cimd-allow-permitted-domains": '["127.0.0.1","claude.ai","localhost","vscode.dev"]',
            "cimd-restrict-same-domain": "false",
        });
        const { inputs } = only(
            recording,
            "RealmClientPolicyProfilePolicy",
            "login-document-clients-policy",
        );
        assert.deepEqual(inputs.conditions[0].configuration, {
            "client-id-uri-scheme": '["https"]',
            "client-id-uri-allow-permitted-domains": '["claude.ai","vscode.dev"]',
        });
        assert.deepEqual(inputs.profiles, ["login-document-clients"]);
    });

    it("demands PKCE of all public clients", async () => {
        const recording = await deploy({ dynamic });
        const name = "login-public-clients";
        const profile = only(recording, "RealmClientPolicyProfile", `${name}-profile`).inputs;
        assert.equal(profile.executors[0].name, "pkce-enforcer");
        const policy = only(recording, "RealmClientPolicyProfilePolicy", `${name}-policy`).inputs;
        assert.deepEqual(policy.conditions[0].configuration, { type: '["public"]' });
    });

    it("takes over Keycloak's own policy, with the given hosts", async () => {
        const policy = only(await deploy({ dynamic }), "RealmClientRegistrationPolicy");
        assert.equal(policy.id, "tools/Trusted Hosts/trusted-hosts/anonymous");
        assert.deepEqual(policy.inputs.config, {
            "trusted-hosts": "127.0.0.1,localhost",
            "client-uris-must-match": "true",
            "host-sending-registration-request-must-match": "false",
        });
    });

    for (const [what, registration] of Object.entries({
        "no registration": undefined,
        "metadata documents alone": { documents },
    })) {
        it(`refuses every dynamic registration of a created realm with ${what}`, async () => {
            const policy = only(await deploy(registration), "RealmClientRegistrationPolicy");
            // Not Keycloak's own policy, which keeps the hosts of an earlier deployment.
            assert.equal(policy.inputs.name, "login-closed");
            assert.deepEqual(policy.inputs.config, {
                "trusted-hosts": "closed.invalid",
                "client-uris-must-match": "true",
                "host-sending-registration-request-must-match": "true",
            });
        });
    }

    it("leaves the policies of a realm of others as they are", async () => {
        const recording = await deploy(undefined, { realm: { name: "tools", create: false } });
        const kinds = recording.map(kindOf);
        assert.ok(kinds.includes("ClientScope"));
        assert.ok(!kinds.includes("RealmClientRegistrationPolicy"));
    });

    it("can be removed from a protected realm", async () => {
        const realm = { name: "tools", protect: true };
        const policy = only(await deploy({ dynamic }, { realm }), "RealmClientRegistrationPolicy");
        assert.notEqual(policy.protect, true);
    });
});

describe("findRegistrationProblems", () => {
    const find = (
        registration: ClientRegistration,
        realm: object | undefined = { name: "tools" },
    ) =>
        findRegistrationProblems({
            ...realmArgs,
            registration,
            realm: realm as IdentityArgs["realm"],
        });

    for (const host of ["claude.ai", "localhost", "127.0.0.1", "*.example.org"]) {
        it(`accepts the host '${host}'`, () => {
            assert.deepEqual(find({ dynamic: { redirectHosts: [host] } }), []);
        });
    }

    for (const host of [
        ...["*", "*.org", "https://claude.ai", "claude.ai:443", "claude.ai/", "Claude.ai", ""],
        ...["a,b", "claude.*", "*.*.example.org", ".example.org", "[::1]"],
    ]) {
        it(`refuses the host '${host}'`, () => {
            const problems = find({ dynamic: { redirectHosts: ["claude.ai", host] } });
            assert.deepEqual(
                problems.map(({ path }) => path),
                ["registration.dynamic.redirectHosts[1]"],
            );
            assert.match(problems[0]!.reason, /^must be a lower-case host .* got '/);
        });
    }

    it("reports all problems at once", () => {
        const problems = find({
            documents: { hosts: ["localhost"], redirectHosts: ["http://localhost"] },
            dynamic: { redirectHosts: ["*"] },
            servers: ["wether"],
        });
        assert.deepEqual(
            problems.map(({ path }) => path),
            [
                "registration.documents.hosts[0]",
                "registration.documents.redirectHosts[0]",
                "registration.dynamic.redirectHosts[0]",
                "registration.servers",
            ],
        );
        assert.match(problems[3]!.reason, /did you mean 'weather'/);
    });

    it("refuses ways to register that no program can take", () => {
        const problems = find({ documents: { hosts: [] }, dynamic: { redirectHosts: [] } });
        assert.deepEqual(problems, [
            {
                path: "registration.documents.hosts",
                reason: "must have an entry, got none; leave out 'documents' to turn it off",
            },
            {
                path: "registration.dynamic.redirectHosts",
                reason: "must have an entry, got none; leave out 'dynamic' to turn it off",
            },
        ]);
    });

    it("refuses a realm that belongs to others", () => {
        const [problem] = find({ dynamic }, { name: "tools", create: false });
        assert.equal(problem?.path, "registration");
        assert.match(problem?.reason ?? "", /existing realm, .* got it for 'tools'/);
    });

    it("refuses a realm that is administered elsewhere", () => {
        const problems = findRegistrationProblems({
            servers: realmArgs.servers,
            registration: { dynamic },
        });
        assert.match(problems[0]?.reason ?? "", /give 'adminUrl'/);
    });
});
