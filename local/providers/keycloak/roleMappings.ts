import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { orGone } from "./connection.ts";

/** The user or group that receives roles or memberships. */
export interface Owner {
    realm: string;
    id: string;
}

/** A role with the id of the client that it belongs to; undefined for a role of the realm. */
interface FoundRole {
    id: string;
    name: string;
    client: string | undefined;
}

/** The parts of the administration API for users and for groups that are alike. */
type Mappings = KeycloakAdminClient["users"] | KeycloakAdminClient["groups"];

/** Ids of the roles that a user or group has directly. */
export async function listRoles(mappings: Mappings, owner: Owner): Promise<string[]> {
    const { realmMappings = [], clientMappings = {} } = await mappings.listRoleMappings(owner);
    const ofClients = Object.values(
        clientMappings as Record<string, { mappings: { id: string }[] }>,
    );
    const all = [...realmMappings, ...ofClients.flatMap((client) => client.mappings)];
    return all.map(({ id = "" }) => id);
}

export async function addRoles(
    keycloak: KeycloakAdminClient,
    mappings: Mappings,
    owner: Owner,
    ids: string[],
): Promise<void> {
    for (const id of ids) {
        const found = await findRole(keycloak, owner.realm, id);
        if (found === undefined)
            throw new Error(`there is no role '${id}' in realm '${owner.realm}'`);
        const { client, ...role } = found;
        const roles = [role];
        if (client === undefined) await mappings.addRealmRoleMappings({ ...owner, roles });
        else await mappings.addClientRoleMappings({ ...owner, clientUniqueId: client, roles });
    }
}

/** Removes roles; one that does not exist any more is removed already. */
export async function removeRoles(
    keycloak: KeycloakAdminClient,
    mappings: Mappings,
    owner: Owner,
    ids: string[],
): Promise<void> {
    for (const id of ids) {
        const found = await findRole(keycloak, owner.realm, id);
        if (found === undefined) continue;
        const { client, ...role } = found;
        const roles = [role];
        if (client === undefined) await mappings.delRealmRoleMappings({ ...owner, roles });
        else await mappings.delClientRoleMappings({ ...owner, clientUniqueId: client, roles });
    }
}

/** Finds a role by its id; undefined when it does not exist. */
export async function findRole(
    keycloak: KeycloakAdminClient,
    realm: string,
    id: string,
): Promise<FoundRole | undefined> {
    const role = await orGone(keycloak.roles.findOneById({ realm, id }));
    if (role?.name === undefined) return undefined;
    const client = role.clientRole === true ? role.containerId : undefined;
    return { id, name: role.name, client };
}
