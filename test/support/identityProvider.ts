import * as pulumi from "@pulumi/pulumi";

import type { IdentityProviderArgs } from "../../components/index.ts";

/** An identity provider of others, which no test calls; people of its department `sea` are of the group `sailors`. */
export const corporateProvider: IdentityProviderArgs = {
    alias: "corporate",
    issuer: "https://login.example.org",
    authorizationUrl: "https://login.example.org/authorize",
    tokenUrl: "https://login.example.org/token",
    jwksUrl: "https://login.example.org/keys",
    clientId: "keycloak",
    clientSecret: pulumi.secret("a secret of the provider"),
    groups: [{ claim: "department", value: "sea", group: "sailors" }],
};
