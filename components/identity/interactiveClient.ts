import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import { identityDefaults } from "./defaults.ts";
import { type InteractiveAccess, resolveAddresses } from "./interactiveAccess.ts";

export interface InteractiveClientArgs {
    /** Programs and people's rights. */
    access: InteractiveAccess;
    /** Realm of the client. */
    realmId: pulumi.Input<string>;
    /** Scopes that programs may ask for. */
    scopes: pulumi.Input<string>[];
    /**
     * Where Keycloak sends the logout tokens of people.
     *
     * @default none; tokens stay valid until they expire
     */
    logoutUrl?: pulumi.Input<string>;
}

/** A public Keycloak client with which people log in from their programs. */
export class InteractiveClient extends pulumi.ComponentResource {
    /** Client id, which people enter in their programs. */
    public readonly clientId: pulumi.Output<string>;

    constructor(name: string, args: InteractiveClientArgs, opts?: pulumi.ComponentResourceOptions) {
        const { access, realmId, scopes, logoutUrl } = args;
        super("slipway:index:InteractiveClient", name, { access, realmId, scopes }, opts);
        const { interactive: defaults } = identityDefaults;
        const { clientId = defaults.clientId, consent = defaults.consent } = access;
        const { redirectUris, webOrigins } = resolveAddresses(access);

        const client = new keycloak.openid.Client(
            `${name}-client`,
            {
                realmId,
                clientId,
                name: "MCP",
                accessType: "PUBLIC",
                standardFlowEnabled: true,
                implicitFlowEnabled: false,
                directAccessGrantsEnabled: false,
                serviceAccountsEnabled: false,
                fullScopeAllowed: false,
                pkceCodeChallengeMethod: "S256",
                consentRequired: consent,
                validRedirectUris: redirectUris,
                webOrigins,
                ...(logoutUrl !== undefined && {
                    backchannelLogoutUrl: logoutUrl,
                    backchannelLogoutSessionRequired: true,
                }),
            },
            { parent: this },
        );
        this.attachScopes(name, client, args);

        this.clientId = client.clientId;
        this.registerOutputs({ clientId: this.clientId });
    }

    /**
     * Every token has `basic`, which adds `sub`, and the scopes that its program asked for. `offline_access` is among
     * them: SDKs ask for it wherever Keycloak lists it, and a login with a scope that a client lacks fails as a whole.
     */
    private attachScopes(
        name: string,
        client: keycloak.openid.Client,
        { realmId, scopes }: InteractiveClientArgs,
    ): void {
        const defaults = new keycloak.openid.ClientDefaultScopes(
            `${name}-default-scopes`,
            { realmId, clientId: client.id, defaultScopes: ["basic"] },
            { parent: this },
        );
        new keycloak.openid.ClientOptionalScopes(
            `${name}-optional-scopes`,
            { realmId, clientId: client.id, optionalScopes: ["offline_access", ...scopes] },
            // Keycloak refuses two changes to the scopes of one client at the same time.
            { parent: this, dependsOn: defaults },
        );
    }
}
