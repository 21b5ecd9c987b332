import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import type { ResourceType } from "../protocol/provider.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Connection } from "./connection.ts";
import { scopeListType, scopesOf } from "./scopeList.ts";
import type { Attachment, Scope } from "./scopeList.ts";

/** `keycloak.openid.ClientDefaultScopes` and `ClientOptionalScopes`. */
export function attachedScopesType(connection: Connection, attachment: Attachment): ResourceType {
    const other = attachment === "default" ? "optional" : "default";
    return scopeListType(connection, {
        describe: (inputs) =>
            `the ${attachment} scopes of client '${clientOf(inputs).id}' of realm '${clientOf(inputs).realm}'`,
        property: attachment === "default" ? "defaultScopes" : "optionalScopes",
        owner: ["realmId", "clientId"],
        idOf: (inputs) => `${clientOf(inputs).realm}/${clientOf(inputs).id}`,
        ownerOf: (id) => {
            const [realmId = "", clientId = ""] = id.split("/");
            return { realmId, clientId };
        },
        realmOf: (inputs) => clientOf(inputs).realm,
        list: (keycloak, inputs) => listAttached(keycloak, inputs, attachment),
        prepare: async (keycloak, inputs, scope) => {
            // Keycloak ignores a scope that is already attached to the client in the other way.
            const elsewhere = await listAttached(keycloak, inputs, other);
            if (elsewhere.some(({ name }) => name === scope.name))
                await detach(keycloak, inputs, other, scope);
        },
        add: async (keycloak, inputs, { id }) => {
            const addition = { ...clientOf(inputs), clientScopeId: id };
            if (attachment === "default") await keycloak.clients.addDefaultClientScope(addition);
            else await keycloak.clients.addOptionalClientScope(addition);
        },
        remove: (keycloak, inputs, scope) => detach(keycloak, inputs, attachment, scope),
    });
}

function clientOf(inputs: Values): { realm: string; id: string } {
    return { realm: textOf(inputs, "realmId") ?? "", id: textOf(inputs, "clientId") ?? "" };
}

async function listAttached(
    keycloak: KeycloakAdminClient,
    inputs: Values,
    attachment: Attachment,
): Promise<Scope[]> {
    const client = clientOf(inputs);
    return scopesOf(
        attachment === "default"
            ? await keycloak.clients.listDefaultClientScopes(client)
            : await keycloak.clients.listOptionalClientScopes(client),
    );
}

async function detach(
    keycloak: KeycloakAdminClient,
    inputs: Values,
    attachment: Attachment,
    { id }: Scope,
): Promise<void> {
    const removal = { ...clientOf(inputs), clientScopeId: id };
    if (attachment === "default") await keycloak.clients.delDefaultClientScope(removal);
    else await keycloak.clients.delOptionalClientScope(removal);
}
