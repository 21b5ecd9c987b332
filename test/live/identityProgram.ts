import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Identity, keycloakAccess } from "../../components/index.ts";
import { corporateProvider } from "../support/identityProvider.ts";

/** A realm, and who administers it. */
export interface IdentityPlace {
    /** Address of Keycloak. */
    url: string;
    username: string;
    password: string;
    /** PEM certificate of the authority that signed Keycloak's own; undefined for one that is public, or for http. */
    authority?: string;
    realm: string;
    /** Whether the realm is created. */
    create: boolean;
    /** Whether Keycloak runs with the feature `resource-indicators`. */
    resourceIndicators?: boolean;
    /** Namespace that is created for the Secrets. */
    namespace: string;
}

/** Resource URI of the servers below. */
export const resources = {
    weather: "https://mcp.example.org/weather/mcp",
    tides: "https://mcp.example.org/tides/mcp",
};

/** Where the program of the interactive client receives its code; nothing listens there. */
export const redirectUri = "http://127.0.0.1:33418/callback";

/** Everything that an `Identity` can create, in which group `sailors`, role `captain` and user `ada` are given rights. */
export const buildIdentityProgram =
    ({ url, username, password, authority, ...place }: IdentityPlace) =>
    (): Promise<Record<string, unknown>> => {
        const namespace = new k8s.core.v1.Namespace("namespace", {
            metadata: { name: place.namespace },
        });
        const login = { url, username, password: pulumi.secret(password) };
        const users = [
            { username: "grace", groups: ["sailors"] },
            { username: "eve" },
            // In an existing realm, it is one of its own.
            ...(place.create ? [{ username: "ada" }] : []),
        ].map((user) => ({
            ...user,
            email: `${user.username}@example.org`,
            firstName: user.username,
            lastName: "Test",
            initialPassword: pulumi.secret("a first password"),
        }));
        const { issuer, clients, clientSecrets, interactiveClientId } = new Identity(
            "login",
            {
                issuer: `${url}/realms/${place.realm}`,
                realm: {
                    name: place.realm,
                    create: place.create,
                    protect: false,
                    resourceIndicators: place.resourceIndicators,
                },
                namespace: namespace.metadata.name,
                servers: {
                    weather: {
                        resource: resources.weather,
                        scopes: ["mcp:weather"],
                        toolScopes: ["wind:read"],
                        checkRevocation: true,
                    },
                    tides: { resource: resources.tides, scopes: ["mcp:tides"] },
                },
                clients: [
                    { name: "buoy", servers: ["weather"], scopes: ["wind:read"] },
                    { name: "gauge", servers: ["tides"] },
                ],
                interactive: { redirectUris: [redirectUri], consent: false },
                access: [
                    { group: "sailors", servers: ["weather"], scopes: ["wind:read"] },
                    { role: "captain", servers: ["*"] },
                    { user: "ada", servers: ["tides"] },
                ],
                users,
                identityProviders: [corporateProvider],
            },
            keycloakAccess("keycloak", login, authority),
        );
        return Promise.resolve({ issuer, clients, clientSecrets, interactiveClientId });
    };

/** Names of all that the program adds to an existing realm. */
export const addedNames = new Set([
    ...["mcp:weather", "mcp:tides", "wind:read", "buoy", "gauge", "mcp", "corporate"],
    ...["slipway-token-verifier", "grace", "eve", ...Object.values(resources)],
    ...["buoy", "gauge", "slipway-token-verifier"].map((client) => `service-account-${client}`),
]);
