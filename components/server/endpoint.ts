import { resourceUri } from "../gateways/gateway.ts";
import type { PublicAddress } from "../gateways/route.ts";
import type { EndpointArgs, MountArgs } from "./args.ts";
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

/** A server with a name, and those that are mounted in it. */
export interface NamedEndpoint extends EndpointArgs {
    name: string;
    mounts?: MountArgs[];
}

/** The endpoints of several servers by name, as `Identity` takes them; those of mounted servers included. */
export function resolveEndpoints(
    servers: NamedEndpoint[],
    address: PublicAddress,
): Record<string, Endpoint> {
    return Object.fromEntries(
        listEndpoints(servers).map((one) => [one.name, resolveEndpoint(one.name, one, address)]),
    );
}

/** Every server, followed by those that are mounted in it. */
export function listEndpoints<Server extends NamedEndpoint>(
    servers: Server[],
): (Server | NamedEndpoint)[] {
    return servers.flatMap((server) => [
        server,
        ...(server.mounts ?? []).map((mount) => ({ ...mount, host: server.host })),
    ]);
}
