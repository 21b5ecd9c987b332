import type { IdentityArgs } from "../../../components/identity/args.ts";

/** An identity with a created realm and two servers, one of which has a scope for a tool. */
export const realmArgs: IdentityArgs = {
    issuer: "https://auth.example.org/realms/tools",
    realm: { name: "tools" },
    namespace: "tools",
    servers: {
        weather: {
            resource: "https://mcp.example.org/weather/mcp",
            scopes: ["mcp:weather"],
            toolScopes: ["wind:read"],
        },
        tides: { resource: "https://mcp.example.org/tides/mcp", scopes: ["mcp:tides"] },
    },
};
