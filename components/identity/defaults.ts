/** Values of identity arguments that are left out. */
export const identityDefaults = {
    /** `realm.create` */
    createRealm: true,
    /** `realm.protect` */
    protectRealm: true,
    /** Entry of the ConfigMap with the certificate authority. */
    caKey: "ca.crt",
    /** Client with which an administrator logs in to Keycloak. */
    administratorClient: "admin-cli",
    /** Accepted difference of clocks, in seconds. */
    clockSkewSeconds: 10,
    /** How the issuer is asked whether tokens were revoked. */
    introspection: { clientId: "slipway-token-verifier", cacheSeconds: 10 },
    /** Where Keycloak introspects tokens, at the address of its keys. */
    introspectionEndpoint: (jwksUri: string) => jwksUri.replace(/\/certs$/, "/token/introspect"),
    /** `interactive` */
    interactive: { clientId: "mcp", consent: true, revokeOnLogout: false },
    /** `registration.documents.redirectHosts`: where programs of people's machines listen. */
    loopbackHosts: ["localhost", "127.0.0.1"],
    /** `realm.lifetimes`: a login lasts a month, and a week without use. */
    lifetimes: {
        accessTokenMinutes: 15,
        sessionIdleHours: 168,
        sessionMaxHours: 720,
        offlineIdleDays: 30,
        offlineMaxDays: 90,
        refreshTokenReuse: 0,
    },
    /** `realm.bruteForce` */
    bruteForce: { maxLoginFailures: 10, maxWaitMinutes: 15 },
    /** `realm.resourceIndicators` */
    resourceIndicators: false,
    /** `identityProviders[].scopes` */
    providerScopes: ["openid", "profile", "email"],
    /** `identityProviders[].trustEmail` */
    trustEmail: false,
    /** Where Keycloak publishes the signing keys of an issuer. */
    jwksUri: (issuer: string) => `${issuer}/protocol/openid-connect/certs`,
};
