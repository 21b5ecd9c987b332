import type { ResourceType } from "../protocol/provider.ts";
import { serve } from "../protocol/serve.ts";
import { audienceMapperEntity } from "./audienceMapper.ts";
import { clientEntity } from "./client.ts";
import { clientScopeEntity } from "./clientScope.ts";
import { attachedScopesType } from "./attachedScopes.ts";
import { Connection } from "./connection.ts";
import { entityType } from "./entityType.ts";
import { realmEntity } from "./realm.ts";

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
        ]);
        return (type) => types.get(type);
    },
});
