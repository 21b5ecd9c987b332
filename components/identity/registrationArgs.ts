/**
 * How programs that nobody registered get a client id. Without it they get none. Every such client is public, must use
 * PKCE (S256), and asks people for consent.
 */
export interface ClientRegistration {
    /**
     * Client ID metadata documents. Keycloak must run with the feature `cimd`, which 26.6 was the first to have.
     *
     * @default none; no URL is accepted as a client id
     */
    documents?: DocumentRegistration;
    /**
     * Dynamic client registration (RFC 7591) without a token. The realm must exist before it is previewed, as Keycloak
     * creates the policy that is changed together with the realm.
     *
     * @default none; Keycloak refuses every registration
     */
    dynamic?: DynamicRegistration;
    /**
     * Names of the servers that people may call with such programs.
     *
     * @default all
     */
    servers?: string[];
}

/** Programs whose client id is the https URL of a document that describes them. */
export interface DocumentRegistration {
    /** Hosts of the documents; `*.example.org` is the host and all below it. */
    hosts: string[];
    /**
     * Hosts, besides `hosts`, of the redirect URIs and of all other URIs in the documents.
     *
     * @default `identityDefaults.loopbackHosts`
     */
    redirectHosts?: string[];
}

/** Programs that register themselves. */
export interface DynamicRegistration {
    /** Hosts of the redirect URIs, and of all other URIs that a program registers. */
    redirectHosts: string[];
}
