import * as keycloak from "@pulumi/keycloak";
import type * as pulumi from "@pulumi/pulumi";

import { identityDefaults } from "./defaults.ts";
import type {
    ClientRegistration,
    DocumentRegistration,
    DynamicRegistration,
} from "./registrationArgs.ts";

/** The realm in which programs register, and how its resources are named. */
export interface RegistrationPlace {
    name: string;
    realmId: pulumi.Output<string>;
    realmName: string;
    child: pulumi.CustomResourceOptions;
}

/** What is done with some clients of the realm: the steps of a client profile, and the condition of its policy. */
interface ClientRule {
    suffix: string;
    description: string;
    executor: { name: string; configuration: Record<string, string> };
    condition: { name: string; configuration: Record<string, string> };
}

/** Lets programs that nobody registered get a client id, with the scopes that they may ask for. */
export function createRegistration(
    place: RegistrationPlace,
    { documents, dynamic }: ClientRegistration,
    scopes: pulumi.Input<string>[],
): void {
    const { name, realmId, child } = place;
    new keycloak.RealmOptionalClientScopes(
        `${name}-registered-scopes`,
        { realmId, optionalScopes: ["offline_access", ...scopes] },
        child,
    );
    const rules = [
        pkceRule,
        ...(documents === undefined ? [] : [buildDocumentRule(documents)]),
        ...(dynamic === undefined ? [] : [redirectRule]),
    ];
    const guards = createClientRules(place, rules);
    if (dynamic !== undefined) openRegistration(place, dynamic, guards);
}

/** Keycloak demands PKCE of a client that says so, which those that register themselves do not. */
const pkceRule: ClientRule = {
    suffix: "public-clients",
    description: "Demands PKCE of public clients",
    executor: { name: "pkce-enforcer", configuration: { "auto-configure": "true" } },
    condition: { name: "client-access-type", configuration: { type: listOf("public") } },
};

/** The hosts are those of Keycloak's policy `Trusted Hosts`, which accepts patterns as paths. */
const redirectRule: ClientRule = {
    suffix: "dynamic-clients",
    description: "Demands exact redirect URIs of clients that register themselves",
    executor: {
        name: "secure-redirect-uris-enforcer",
        configuration: {
            "allow-http-scheme": "true",
            "allow-ipv4-loopback-address": "true",
            "allow-private-use-uri-scheme": "false",
            "allow-wildcard-context-path": "false",
        },
    },
    condition: {
        name: "client-updater-context",
        configuration: { "update-client-source": listOf("ByAnonymous") },
    },
};

function buildDocumentRule({ hosts, redirectHosts }: DocumentRegistration): ClientRule {
    const others = redirectHosts ?? identityDefaults.loopbackHosts;
    return {
        suffix: "document-clients",
        description: "Accepts the URLs of client ID metadata documents as client ids",
        executor: {
            name: "client-id-metadata-document",
            configuration: {
                "cimd-allow-http-scheme": "false",
                "cimd-allow-permitted-domains": listOf(...hosts, ...others),
                "cimd-restrict-same-domain": "false",
            },
        },
        condition: {
            name: "client-id-uri",
            configuration: {
                "client-id-uri-scheme": listOf("https"),
                "client-id-uri-allow-permitted-domains": listOf(...hosts),
            },
        },
    };
}

/** A list as the provider expects it in a configuration of texts. */
function listOf(...texts: string[]): string {
    return JSON.stringify([...new Set(texts)].sort());
}

/** Creates profiles and policies one after the other: Keycloak writes whole lists, and would lose one of two. */
function createClientRules(
    { name, realmId, child }: RegistrationPlace,
    rules: ClientRule[],
): pulumi.Resource[] {
    return rules.reduce<pulumi.Resource[]>((earlier, { suffix, description, ...rule }) => {
        const shared = { realmId, name: `${name}-${suffix}`, description };
        const profile = new keycloak.RealmClientPolicyProfile(
            `${name}-${suffix}-profile`,
            { ...shared, executors: [rule.executor] },
            { ...child, dependsOn: earlier },
        );
        const policy = new keycloak.RealmClientPolicyProfilePolicy(
            `${name}-${suffix}-policy`,
            { ...shared, profiles: [profile.name], conditions: [rule.condition] },
            { ...child, dependsOn: earlier },
        );
        return [...earlier, profile, policy];
    }, []);
}

/** A host that cannot exist (RFC 6761): Keycloak keeps the last hosts of a policy that is written without any. */
const noHost = "closed.invalid";

/**
 * Refuses every registration. All policies of a realm must agree to one, so that this closes it whatever hosts an earlier
 * deployment, or an administrator, has left in Keycloak's own policy.
 */
export function closeRegistration({ name, realmId, child }: RegistrationPlace): void {
    new keycloak.RealmClientRegistrationPolicy(
        `${name}-registration-closed`,
        {
            realmId,
            name: `${name}-closed`,
            providerId: "trusted-hosts",
            subType: "anonymous",
            config: {
                "trusted-hosts": noHost,
                "client-uris-must-match": "true",
                "host-sending-registration-request-must-match": "true",
            },
        },
        child,
    );
}

/**
 * Changes the policy `Trusted Hosts` that Keycloak creates with every realm, and that refuses every registration until
 * it has hosts. Without it every host would be accepted: Pulumi imports it and never deletes it.
 */
function openRegistration(
    { name, realmId, realmName, child }: RegistrationPlace,
    { redirectHosts }: DynamicRegistration,
    guards: pulumi.Resource[],
): void {
    new keycloak.RealmClientRegistrationPolicy(
        `${name}-registration-hosts`,
        {
            realmId,
            name: "Trusted Hosts",
            providerId: "trusted-hosts",
            subType: "anonymous",
            config: {
                "trusted-hosts": [...new Set(redirectHosts)].sort().join(","),
                "client-uris-must-match": "true",
                // Programs of people's machines register from anywhere.
                "host-sending-registration-request-must-match": "false",
            },
        },
        {
            ...child,
            dependsOn: guards,
            import: `${realmName}/Trusted Hosts/trusted-hosts/anonymous`,
            retainOnDelete: true,
        },
    );
}
