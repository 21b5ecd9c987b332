import type { ResourceType } from "../protocol/provider.ts";
import { serve } from "../protocol/serve.ts";
import { assignmentType, groupRoles, userGroups, userRoles } from "./assignments.ts";
import { audienceMapperEntity } from "./audienceMapper.ts";
import { clientEntity } from "./client.ts";
import { clientScopeEntity } from "./clientScope.ts";
import { attachedScopesType } from "./attachedScopes.ts";
import { clientPolicy, clientPolicyType, clientProfile } from "./clientPolicies.ts";
import { Connection } from "./connection.ts";
import { entityType } from "./entityType.ts";
import { groupEntity } from "./group.ts";
import { identityProviderEntity, identityProviderMapperEntity } from "./identityProvider.ts";
import { lookups } from "./lookups.ts";
import { realmEntity } from "./realm.ts";
import { realmScopesType } from "./realmScopes.ts";
import { registrationPolicyEntity } from "./registrationPolicy.ts";
import { roleEntity } from "./role.ts";
import { scopeRoleType } from "./scopeRoles.ts";
import { userEntity } from "./user.ts";

await serve({
    name: "keycloak",
    configure: async (config) => {
        const connection = new Connection(config);
        if (config.initialLogin !== false) await connection.logIn();
        const types = new Map<string, ResourceType>([
            ["keycloak:index/realm:Realm", entityType(connection, realmEntity)],
            ["keycloak:openid/client:Client", entityType(connection, clientEntity)],
            ["keycloak:openid/clientScope:ClientScope", entityType(connection, clientScopeEntity)],
            [
                "keycloak:openid/audienceProtocolMapper:AudienceProtocolMapper",
                entityType(connection, audienceMapperEntity),
            ],
            [
                "keycloak:openid/clientDefaultScopes:ClientDefaultScopes",
                attachedScopesType(connection, "default"),
            ],
            [
                "keycloak:openid/clientOptionalScopes:ClientOptionalScopes",
                attachedScopesType(connection, "optional"),
            ],
            [
                "keycloak:index/realmDefaultClientScopes:RealmDefaultClientScopes",
                realmScopesType(connection, "default"),
            ],
            [
                "keycloak:index/realmOptionalClientScopes:RealmOptionalClientScopes",
                realmScopesType(connection, "optional"),
            ],
            [
                "keycloak:index/realmClientPolicyProfile:RealmClientPolicyProfile",
                clientPolicyType(connection, clientProfile),
            ],
            [
                "keycloak:index/realmClientPolicyProfilePolicy:RealmClientPolicyProfilePolicy",
                clientPolicyType(connection, clientPolicy),
            ],
            [
                "keycloak:index/realmClientRegistrationPolicy:RealmClientRegistrationPolicy",
                entityType(connection, registrationPolicyEntity),
            ],
            ["keycloak:index/role:Role", entityType(connection, roleEntity)],
            ["keycloak:index/group:Group", entityType(connection, groupEntity)],
            ["keycloak:index/user:User", entityType(connection, userEntity)],
            ["keycloak:index/groupRoles:GroupRoles", assignmentType(connection, groupRoles)],
            ["keycloak:index/userRoles:UserRoles", assignmentType(connection, userRoles)],
            ["keycloak:index/userGroups:UserGroups", assignmentType(connection, userGroups)],
            ["keycloak:index/genericRoleMapper:GenericRoleMapper", scopeRoleType(connection)],
            [
                "keycloak:oidc/identityProvider:IdentityProvider",
                entityType(connection, identityProviderEntity),
            ],
            [
                "keycloak:index/customIdentityProviderMapping:CustomIdentityProviderMapping",
                entityType(connection, identityProviderMapperEntity),
            ],
        ]);
        return { types: (type) => types.get(type), functions: lookups(connection) };
    },
});
