import type { ResourceType } from "../protocol/provider.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Connection } from "./connection.ts";
import { scopeListType, scopesOf } from "./scopeList.ts";
import type { Attachment } from "./scopeList.ts";

/** `keycloak.RealmDefaultClientScopes` and `RealmOptionalClientScopes`: the scopes of clients that are created later. */
export function realmScopesType(connection: Connection, attachment: Attachment): ResourceType {
    const isDefault = attachment === "default";
    return scopeListType(connection, {
        describe: (inputs) => `the ${attachment} scopes of realm '${realmOf(inputs)}'`,
        property: isDefault ? "defaultScopes" : "optionalScopes",
        owner: ["realmId"],
        idOf: realmOf,
        ownerOf: (id) => ({ realmId: id }),
        realmOf,
        list: async ({ clientScopes }, inputs) => {
            // The SDK's types say that these take nothing.
            const realm = { realm: realmOf(inputs) } as void & { realm: string };
            return scopesOf(
                isDefault
                    ? await clientScopes.listDefaultClientScopes(realm)
                    : await clientScopes.listDefaultOptionalClientScopes(realm),
            );
        },
        add: ({ clientScopes }, inputs, { id }) => {
            const addition = { realm: realmOf(inputs), id };
            return isDefault
                ? clientScopes.addDefaultClientScope(addition)
                : clientScopes.addDefaultOptionalClientScope(addition);
        },
        remove: ({ clientScopes }, inputs, { id }) => {
            const removal = { realm: realmOf(inputs), id };
            return isDefault
                ? clientScopes.delDefaultClientScope(removal)
                : clientScopes.delDefaultOptionalClientScope(removal);
        },
    });
}

function realmOf(inputs: Values): string {
    return textOf(inputs, "realmId") ?? "";
}
