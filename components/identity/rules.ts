import type { ArgProblem } from "../problems/argProblem.ts";
import { findInputProblems } from "../problems/inputs.ts";
import { findNameProblems } from "../problems/values.ts";
import { type CheckedAccess, findAccessProblems, findGrantProblems } from "./accessRules.ts";
import type { ScopedServers } from "./accessTable.ts";
import type {
    FurtherIssuer,
    IntrospectionArgs,
    MachineClientAccess,
    ProtectedServer,
    RealmArgs,
} from "./args.ts";
import type { InteractiveAccess } from "./interactiveAccess.ts";
import { findPeopleProblems } from "./interactiveRules.ts";
import { type CheckedIssuer, findIssuerProblems, findRealmProblems } from "./issuerRules.ts";
import { findRealmSettingProblems } from "./realmRules.ts";
import type { ClientRegistration } from "./registrationArgs.ts";
import { findRegistrationProblems } from "./registrationRules.ts";
import { findScopeProblems } from "./scopeNames.ts";
import { findFurtherIssuerProblems, findRevocationProblems } from "./trustRules.ts";

/** The arguments that the rules check; plain but for the issuer. */
interface CheckedIdentity extends CheckedIssuer, CheckedAccess {
    realm?: RealmArgs;
    furtherIssuers?: FurtherIssuer[];
    introspection?: IntrospectionArgs;
    servers: Record<string, Pick<ProtectedServer, "scopes" | "toolScopes" | "checkRevocation">>;
    clients?: MachineClientAccess[];
    interactive?: InteractiveAccess;
    registration?: ClientRegistration;
}

/** Refuses an identity that would not protect its servers, or whose names contradict each other. */
export function findIdentityProblems(identity: CheckedIdentity): ArgProblem[] {
    const { issuer, jwksUri, jwksPort, clockSkewSeconds, realm, clients = [] } = identity;
    return [
        ...findInputProblems({ issuer, jwksUri, jwksPort, clockSkewSeconds }, (known) =>
            findIssuerProblems(known, realm?.name),
        ),
        ...findFurtherIssuerProblems(issuer, identity.furtherIssuers),
        ...findRevocationProblems(identity),
        ...findRealmProblems(realm?.name),
        ...(realm === undefined ? findUnmanagedProblems(identity) : []),
        ...(realm === undefined ? [] : findRealmSettingProblems(realm)),
        ...findClientProblems(clients, identity.servers),
        ...findPeopleProblems(identity),
        ...findRegistrationProblems(identity),
        ...findScopeProblems(identity.servers),
        ...findAccessProblems(identity),
    ];
}

/** Refuses what can only be created by whoever administers the realm. */
function findUnmanagedProblems(identity: CheckedIdentity): ArgProblem[] {
    const { clients = [], access = [], users = [], identityProviders = [] } = identity;
    return Object.entries({ clients, access, users, identityProviders })
        .filter(([, entries]) => entries.length > 0)
        .map(([path, entries]) => ({
            path,
            reason: `must be empty when the realm is administered elsewhere, got ${entries.length}; give 'adminUrl'`,
        }));
}

function findClientProblems(clients: MachineClientAccess[], servers: ScopedServers): ArgProblem[] {
    return clients.flatMap(({ name, servers: called = [], scopes = [] }, index) => {
        const path = `clients[${index}]`;
        const earlier = clients.slice(0, index).some((client) => client.name === name);
        const reason = `must be given once, got '${name}' again`;
        return [
            ...findGrantProblems(path, { servers: called, scopes }, servers),
            ...findNameProblems(`${path}.name`, name, 50),
            ...(earlier ? [{ path: `${path}.name`, reason }] : []),
        ];
    });
}
