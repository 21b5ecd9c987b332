import * as k8s from "@pulumi/kubernetes";
import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { nameForStack } from "../pods/stackName.ts";

export interface MachineClientArgs {
    /** Client id, as it appears in tokens. */
    clientId: string;
    /** Realm of the client. */
    realmId: pulumi.Input<string>;
    /** Scopes that every token of the client carries. */
    scopes: pulumi.Input<string>[];
    /**
     * Roles of its service account, which scopes may require.
     *
     * @default []
     */
    roleIds?: pulumi.Input<string>[];
    /** `iss` of the tokens; written to the Secret for the program that uses it. */
    issuer: pulumi.Input<string>;
    /** Token endpoint; written to the Secret. */
    tokenEndpoint: pulumi.Input<string>;
    /** Namespace of the Secret. */
    namespace: pulumi.Input<string>;
}

/** A confidential Keycloak client for the client credentials grant, and the Secret with its password. */
export class MachineClient extends pulumi.ComponentResource {
    /** Client id, as it appears in tokens. */
    public readonly clientId: string;
    /**
     * Secret with `client_id`, `client_secret`, `token_endpoint` and `issuer`. It stays the same when the password changes:
     * programs that mount it keep running, and read the new one.
     */
    public readonly secretName: pulumi.Output<string>;
    /** The password; secret. */
    public readonly clientSecret: pulumi.Output<string>;

    constructor(name: string, args: MachineClientArgs, opts?: pulumi.ComponentResourceOptions) {
        const { clientId, realmId, issuer, tokenEndpoint, namespace } = args;
        super(
            "slipway:index:MachineClient",
            name,
            { clientId, realmId, scopes: args.scopes },
            opts,
        );
        const child = { parent: this };

        const password = new random.RandomPassword(
            `${name}-password`,
            { length: 48, special: false },
            child,
        );
        const client = new keycloak.openid.Client(
            `${name}-client`,
            {
                realmId,
                clientId,
                clientSecret: password.result,
                accessType: "CONFIDENTIAL",
                serviceAccountsEnabled: true,
                standardFlowEnabled: false,
                implicitFlowEnabled: false,
                directAccessGrantsEnabled: false,
                fullScopeAllowed: false,
            },
            child,
        );
        this.assignRoles(name, client, args);
        this.attachScopes(name, client, args);

        const secretName = nameForStack(`${name}-credentials`);
        const secretArgs = {
            metadata: { namespace, name: secretName },
            stringData: {
                client_id: clientId,
                client_secret: password.result,
                token_endpoint: tokenEndpoint,
                issuer,
            },
        };
        new k8s.core.v1.Secret(`${name}-credentials`, secretArgs, child);

        this.clientId = clientId;
        // Not the name's output: a changed Secret is replaced, and all that depend on its name would be as well.
        this.secretName = pulumi.output(secretName);
        this.clientSecret = pulumi.secret(password.result);
        this.registerOutputs({ secretName: this.secretName, clientSecret: this.clientSecret });
    }

    private assignRoles(
        name: string,
        { serviceAccountUserId: userId }: keycloak.openid.Client,
        { realmId, roleIds = [] }: MachineClientArgs,
    ): void {
        if (roleIds.length > 0) {
            const roles = { realmId, userId, roleIds, exhaustive: false };
            new keycloak.UserRoles(`${name}-roles`, roles, { parent: this });
        }
    }

    /**
     * Replaces the scopes that Keycloak assigns to every new client. `basic` stays, as it adds `sub`; `roles` would add
     * the audience `account`, `service_account` the caller's address, `profile` and `email` personal data, and
     * `offline_access` a token that never expires.
     */
    private attachScopes(
        name: string,
        client: keycloak.openid.Client,
        { realmId, scopes }: MachineClientArgs,
    ): void {
        const defaults = new keycloak.openid.ClientDefaultScopes(
            `${name}-default-scopes`,
            { realmId, clientId: client.id, defaultScopes: ["basic", ...scopes] },
            { parent: this },
        );
        new keycloak.openid.ClientOptionalScopes(
            `${name}-optional-scopes`,
            { realmId, clientId: client.id, optionalScopes: [] },
            // Keycloak refuses two changes to the scopes of one client at the same time.
            { parent: this, dependsOn: defaults },
        );
    }
}
