import * as pulumi from "@pulumi/pulumi";

import type { PublicAddress, Route } from "../gateways/route.ts";
import { findAddressProblems } from "../gateways/rules.ts";
import { type ArgProblem, refuseInvalidArgs } from "../problems/argProblem.ts";
import { findImageProblems } from "../problems/values.ts";
import type { McpServerArgs, MountArgs } from "./args.ts";
import { type BridgeArgs, bridgePaths } from "./bridge/args.ts";
import { bridgeDefaults, serverDefaults } from "./defaults.ts";
import { ServerDeployment } from "./deployment/serverDeployment.ts";
import { resolveEndpoint } from "./endpoint.ts";
import { findMcpServerProblems } from "./rules.ts";

/** One complete MCP server: its pods, and the route with which a gateway carries it. */
export class McpServer extends pulumi.ComponentResource {
    /** What a gateway needs to know of this server. */
    public readonly route: Route;
    /** What a gateway needs to know of this server and of those that are mounted in it. */
    public readonly routes: Route[];

    constructor(name: string, args: McpServerArgs, opts?: pulumi.ComponentResourceOptions) {
        const { image, transport = serverDefaults.transport, address } = args;
        super("slipway:index:McpServer", name, { image, transport, address }, opts);
        refuseInvalidArgs(this, [
            ...findMcpServerProblems(name, args),
            ...findAddressProblems("address", address),
            ...findArgProblems(args),
        ]);
        const cors = args.cors ?? serverDefaults.cors;
        const limits = { ...serverDefaults.limits, ...args.limits };
        const endpoint = resolveEndpoint(name, args, address);
        const { host, prefix, mcpPath, scopes, resource } = endpoint;

        const bridge: BridgeArgs | undefined =
            args.bridgeImage === undefined || transport !== "stdio"
                ? undefined
                : {
                      ...args.bridge,
                      image: args.bridgeImage,
                      endpoint: { resource, scopes },
                      bodyMebibytes: limits.bodyMebibytes,
                  };
        const deployment = new ServerDeployment(
            name,
            { ...args, bridge, allowedHosts: [host], allowedOrigins: cors.origins },
            { parent: this },
        );
        const rest = bridge !== undefined && (bridge.rest ?? bridgeDefaults.rest);
        this.route = {
            server: name,
            host,
            prefix,
            stripPrefix: args.stripPrefix ?? serverDefaults.stripPrefix,
            publicPaths: [mcpPath, ...(rest ? bridgePaths.rest : []), ...(args.paths ?? [])],
            openPaths: [...(rest ? bridgePaths.pages : []), ...(args.openPaths ?? [])],
            namespace: args.namespace,
            serviceName: deployment.serviceName,
            serviceAddress: deployment.serviceAddress,
            headlessServiceName: deployment.headlessServiceName,
            podLabels: deployment.podLabels,
            port: args.port ?? serverDefaults.port,
            resource,
            scopes,
            checkRevocation: endpoint.checkRevocation,
            certificateBound: endpoint.certificateBound,
            limits,
            cors,
            longestCallSeconds: args.longestCallSeconds ?? serverDefaults.longestCallSeconds,
        };
        this.routes = [
            this.route,
            ...(args.mounts ?? []).map((mount) => buildMountRoute(this.route, mount, address)),
        ];
        this.registerOutputs({ resource });
    }
}

/** The route of a mounted server: the pods and limits of its process, with another address and other tokens. */
function buildMountRoute(route: Route, mount: MountArgs, address: PublicAddress): Route {
    const { host } = route;
    const { prefix, mcpPath, ...tokens } = resolveEndpoint(mount.name, { ...mount, host }, address);
    return {
        ...route,
        server: mount.name,
        prefix,
        stripPrefix: mount.stripPrefix ?? serverDefaults.stripPrefix,
        publicPaths: [mcpPath],
        openPaths: [],
        resource: tokens.resource,
        scopes: tokens.scopes,
    };
}

/** Refuses an image that is not pinned, and a stdio server without bridge. */
function findArgProblems({ image, transport, bridgeImage }: McpServerArgs): ArgProblem[] {
    return [
        ...(typeof image === "string" ? findImageProblems("image", image) : []),
        ...(transport === "stdio" && bridgeImage === undefined
            ? [{ path: "bridgeImage", reason: "must be given for a stdio server, got none" }]
            : []),
    ];
}
