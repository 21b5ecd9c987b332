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
    /** Where Keycloak publishes the signing keys of an issuer. */
    jwksUri: (issuer: string) => `${issuer}/protocol/openid-connect/certs`,
};
