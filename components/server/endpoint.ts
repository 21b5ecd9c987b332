import { type PublicAddress, resourceUri } from "../gateways/gateway.ts";
import { listToolScopes, type ToolRules } from "./bridge/args.ts";

/** What decides the address of a server and who may call it; all plain, as it is part of tokens. */
export interface EndpointArgs {
    /**
     * Public path of the server, without trailing slash.
     *
     * @default `/<name>`
     */
    prefix?: string;
    /**
     * Path of the MCP endpoint inside the server.
     *
     * @default "/mcp"
     */
    mcpPath?: string;
    /**
     * Scopes that a token must carry, all of them.
     *
     * @default [`mcp:<name>`]
     */
    scopes?: string[];
    /**
     * Rules for single tools, which may ask for further scopes.
     *
     * @default none
     */
    tools?: ToolRules;
}

/** One public MCP endpoint, every default filled in. */
export interface Endpoint extends Required<Omit<EndpointArgs, "tools">> {
    /** Scopes that some of its tools need besides. */
    toolScopes: string[];
    /** Its address, which is also the audience of its tokens. */
    resource: string;
}

/** Fills in what was left out, and computes the address. */
export function resolveEndpoint(
    name: string,
    { prefix = `/${name}`, mcpPath = "/mcp", scopes = [`mcp:${name}`], tools }: EndpointArgs,
    address: PublicAddress,
): Endpoint {
    const resource = resourceUri(address, prefix, mcpPath);
    return { prefix, mcpPath, scopes, toolScopes: listToolScopes(tools), resource };
}

/** The endpoints of many servers by name, as `Identity` wants them. */
export function resolveEndpoints(
    servers: (EndpointArgs & { name: string })[],
    address: PublicAddress,
): Record<string, Endpoint> {
    return Object.fromEntries(
        servers.map((server) => [server.name, resolveEndpoint(server.name, server, address)]),
    );
}
