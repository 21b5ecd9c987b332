import type { AccessGrant } from "./accessArgs.ts";
import type { MachineClientAccess, ProtectedServer } from "./args.ts";

/** What the table needs of the servers. */
export type ScopedServers = Record<string, Pick<ProtectedServer, "scopes" | "toolScopes">>;

/** Stands for every server in a row of the access table. */
export const everyServer = "*";

/** Names of the servers that a row grants. */
export function serversOf(row: Pick<AccessGrant, "servers">, servers: ScopedServers): string[] {
    return row.servers.includes(everyServer) ? Object.keys(servers) : [...new Set(row.servers)];
}

/** All scopes that a row grants: those of its servers, and its tool scopes. */
export function scopesOf(row: AccessGrant, servers: ScopedServers): string[] {
    const ofServers = serversOf(row, servers).flatMap((server) => servers[server]?.scopes ?? []);
    return [...new Set([...ofServers, ...(row.scopes ?? [])])];
}

/** The machine clients with the servers and scopes of the whole table. */
export function grantedClients(
    clients: MachineClientAccess[],
    access: AccessGrant[],
    servers: ScopedServers,
): Required<MachineClientAccess>[] {
    return clients.map((client) => {
        const rows = [
            { servers: client.servers ?? [], scopes: client.scopes },
            ...access.filter((row) => row.client === client.name),
        ];
        return {
            ...client,
            servers: [...new Set(rows.flatMap((row) => serversOf(row, servers)))],
            scopes: [...new Set(rows.flatMap((row) => row.scopes ?? []))],
        };
    });
}

/** Scopes by group, role or user, over all rows. */
export function scopesBy(
    principal: "group" | "role" | "user",
    access: AccessGrant[],
    servers: ScopedServers,
): Record<string, string[]> {
    const granted: Record<string, string[]> = {};
    for (const row of access) {
        const name = row[principal];
        if (name === undefined) continue;
        granted[name] = [...new Set([...(granted[name] ?? []), ...scopesOf(row, servers)])];
    }
    return granted;
}
