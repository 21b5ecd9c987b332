import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

/** Anything that JSON holds. */
type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };

/**
 * All that a realm has, ids and secrets included: Keycloak's own export, and what it leaves out (users with their groups
 * and roles, the secrets of clients).
 */
export async function exportRealm(admin: KeycloakAdminClient, realm: string): Promise<Json> {
    const whole = { exportClients: true, exportGroupsAndRoles: true };
    const exported = await admin.realms.export({ realm, ...whole });
    const clients = await admin.clients.find({ realm });
    const users = await admin.users.find({ realm, briefRepresentation: false });
    const accounts = await Promise.all(
        clients
            .filter(({ serviceAccountsEnabled }) => serviceAccountsEnabled)
            .map(({ id = "" }) => admin.clients.getServiceAccountUser({ realm, id })),
    );
    const people = await Promise.all(
        [...users, ...accounts].map(async (user) => {
            const { id = "" } = user;
            const [groups, roles, credentials] = await Promise.all([
                admin.users.listGroups({ realm, id }),
                admin.users.listRoleMappings({ realm, id }),
                admin.users.getCredentials({ realm, id }),
            ]);
            return { ...user, groups, roles, credentials };
        }),
    );
    return { exported, clients, people } as unknown as Json;
}

/** The same content as text, with members and lists in one order: Keycloak promises none. */
export function writeInOrder(content: Json): string {
    return JSON.stringify(order(content), undefined, 1);
}

function order(content: Json): Json {
    if (Array.isArray(content)) {
        return content
            .map(order)
            .map((entry) => [JSON.stringify(entry), entry] as const)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([, entry]) => entry);
    }
    if (typeof content !== "object" || content === null) return content;
    const members = Object.keys(content).sort();
    return Object.fromEntries(members.map((member) => [member, order(content[member])]));
}

/** The same content without everything that has one of these names. */
export function withoutNames(content: Json, names: Set<string>): Json {
    if (Array.isArray(content)) {
        return content
            .filter((entry) => !nameOf(entry).some((name) => names.has(name)))
            .map((entry) => withoutNames(entry, names));
    }
    if (typeof content !== "object" || content === null) return content;
    const members = Object.entries(content).filter(([member]) => !names.has(member));
    return Object.fromEntries(members.map(([key, value]) => [key, withoutNames(value, names)]));
}

function nameOf(entry: Json): string[] {
    if (typeof entry === "string") return [entry];
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
    const members = ["name", "clientId", "username", "client", "clientScope", "alias"];
    const provider = entry["identityProviderAlias"];
    return [...members.map((member) => entry[member]), provider].filter(
        (name) => typeof name === "string",
    );
}
