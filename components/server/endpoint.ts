import { resourceUri } from "../gateways/gateway.ts";
import type { PublicAddress } from "../gateways/route.ts";
import type { EndpointArgs } from "./args.ts";
import { listToolScopes } from "./bridge/args.ts";
import { serverDefaults } from "./defaults.ts";

/** One public MCP endpoint, with all defaults. */
export interface Endpoint extends Required<Omit<EndpointArgs, "tools">> {
    /** Additional scopes that some of its tools require. */
    toolScopes: string[];
    /** Resource URI: its address, and the audience of its tokens. */
    resource: string;
}

/** Fills in defaults and computes the address. */
export function resolveEndpoint(
    name: string,
    args: EndpointArgs,
    address: PublicAddress,
): Endpoint {
    const {
        host = address.host,
        mcpPath = serverDefaults.mcpPath,
        scopes = serverDefaults.scopes(name),
        checkRevocation = serverDefaults.checkRevocation,
        certificateBound = serverDefaults.certificateBound,
    } = args;
    const prefix = resolvePrefix(name, args.prefix);
    const resource = resourceUri({ ...address, host }, prefix, mcpPath);
    return {
        host,
        prefix,
        mcpPath,
        scopes,
        toolScopes: listToolScopes(args.tools),
        checkRevocation,
        certificateBound,
        resource,
    };
}

/** The prefix in front of all paths of a server: empty at the root of a host. */
export function resolvePrefix(name: string, prefix = serverDefaults.prefix(name)): string {
    return prefix === "/" ? "" : prefix;
}

/** The endpoints of several servers by name, as `Identity` takes them. */
export function resolveEndpoints(
    servers: (EndpointArgs & { name: string })[],
    address: PublicAddress,
): Record<string, Endpoint> {
    return Object.fromEntries(
        servers.map((server) => [server.name, resolveEndpoint(server.name, server, address)]),
    );
}
