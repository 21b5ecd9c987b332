import KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { KubeConfig } from "@kubernetes/client-node";
import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { testRun } from "../testRun/testRun.ts";
import { describeContract } from "./contract.ts";

const {
    KEYCLOAK_URL: url = "",
    KEYCLOAK_USER: username = "",
    KEYCLOAK_PASSWORD = "",
} = process.env;

// Keycloak's certificate is signed by the authority of the cluster it runs in.
const config = new KubeConfig();
config.loadFromDefault();
const rootCaCertificate = Buffer.from(
    config.getCurrentCluster()?.caData ?? "",
    "base64",
).toString();
setDefaultCACertificates([...getCACertificates("default"), rootCaCertificate]);

const realm = `${testRun().name}-contract`;
const administration = new KeycloakAdminClient({ baseUrl: url });

/** A new API client: an administrator's token lasts a minute, and access to a new realm needs a new one. */
async function administrator(): Promise<KeycloakAdminClient> {
    const credentials = { clientId: "admin-cli", username, password: KEYCLOAK_PASSWORD };
    await administration.auth({ grantType: "password", ...credentials });
    return administration;
}

interface Variant {
    realm?: string;
    description?: string;
    scopes?: string[];
    client?: Partial<keycloak.openid.ClientArgs>;
}

const withRedirects = {
    standardFlowEnabled: true,
    validRedirectUris: ["https://b/*", "https://a/*"],
};

const clientOf = (variant: Variant) => () => {
    const password = pulumi.secret(KEYCLOAK_PASSWORD);
    const access = { url, username, password, clientId: "admin-cli", rootCaCertificate };
    const provider = new keycloak.Provider("access", { ...access, initialLogin: false });
    const opts = { provider };
    const name = variant.realm ?? realm;
    const { realm: realmId } = new keycloak.Realm(
        `realm-${name}`,
        { realm: name, enabled: true, sslRequired: "external", accessTokenLifespan: "15m0s" },
        opts,
    );
    const scope = new keycloak.openid.ClientScope(
        `scope-${name}`,
        { realmId, name: "mcp:demo", description: "Calls demo", includeInTokenScope: true },
        opts,
    );
    const audience = { name: "audience", includedCustomAudience: "https://demo/mcp" };
    new keycloak.openid.AudienceProtocolMapper(
        `audience-${name}`,
        { realmId, clientScopeId: scope.id, ...audience, addToIdToken: false },
        opts,
    );
    const client = new keycloak.openid.Client(
        "subject",
        {
            realmId,
            clientId: "agent",
            description: variant.description ?? "first",
            accessType: "CONFIDENTIAL",
            serviceAccountsEnabled: true,
            fullScopeAllowed: false,
            accessTokenLifespan: "3600",
            ...variant.client,
        },
        opts,
    );
    const attached = new keycloak.openid.ClientDefaultScopes(
        "scopes",
        { realmId, clientId: client.id, defaultScopes: variant.scopes ?? ["basic", scope.name] },
        opts,
    );
    new keycloak.openid.ClientOptionalScopes(
        "optional",
        { realmId, clientId: client.id, optionalScopes: [] },
        { ...opts, dependsOn: attached },
    );
    return Promise.resolve({ id: client.id, secret: client.clientSecret });
};

async function look(): Promise<string> {
    const admin = await administrator();
    const told = await Promise.all(
        [realm, `${realm}-two`].map(async (name) => {
            const found = await admin.realms.findOne({ realm: name });
            if (!found) return [];
            const [client] = await admin.clients.find({ realm: name, clientId: "agent" });
            const id = client?.id ?? "";
            const scopes = await admin.clients.listDefaultClientScopes({ realm: name, id });
            const names = scopes.map((scope) => scope.name).sort();
            return [JSON.stringify([name, client?.description, client?.redirectUris, names])];
        }),
    );
    return told.flat().join("\n");
}

await describeContract({
    title: "keycloak openid.Client with its realm, scopes and audience",
    type: "keycloak:openid/client:Client",
    packages: ["keycloak"],
    first: clientOf({}),
    updates: [clientOf({ description: "second", client: withRedirects })],
    replaced: clientOf({ realm: `${realm}-two` }),
    broken: {
        program: clientOf({ realm: `${realm}-two`, scopes: ["no such scope"] }),
        message: /no such scope/,
    },
    // Matches both providers: `valid_redirect_uris` of the official one, `validRedirectUris` of the stand-in.
    refused: {
        "redirects without a flow": {
            program: clientOf({
                realm: `${realm}-two`,
                client: { validRedirectUris: ["https://a/*"] },
            }),
            message: /valid_?redirect_?uris/i,
        },
        "a flow without redirects": {
            program: clientOf({ realm: `${realm}-two`, client: { standardFlowEnabled: true } }),
            message: /valid ?redirect ?uri/i,
        },
        "a service account of a public client": {
            program: clientOf({ realm: `${realm}-two`, client: { accessType: "PUBLIC" } }),
            message: /service ?accounts/i,
        },
    },
    outside: {
        look,
        meddle: async () => {
            const admin = await administrator();
            const where = { realm: `${realm}-two` };
            const [client] = await admin.clients.find({ ...where, clientId: "agent" });
            const id = client?.id ?? "";
            await admin.clients.update({ ...where, id }, { ...client, description: "meddled" });
        },
    },
    secrets: ({ secret }) => [String(secret), KEYCLOAK_PASSWORD],
    verify: async ({ secret }) => {
        const body = new URLSearchParams({ grant_type: "client_credentials", client_id: "agent" });
        body.set("client_secret", String(secret));
        const endpoint = `${url}/realms/${realm}/protocol/openid-connect/token`;
        const response = await fetch(endpoint, { method: "POST", body });
        const { access_token: token } = (await response.json()) as { access_token: string };
        const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
        const { aud, scope, exp, iat } = JSON.parse(claims) as Record<string, unknown>;
        assert.deepEqual([aud, scope], ["https://demo/mcp", "mcp:demo"]);
        assert.equal(Number(exp) - Number(iat), 3600);
    },
});
