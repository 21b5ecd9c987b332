import * as pulumi from "@pulumi/pulumi";

import type { Route } from "../gateways/route.ts";
import { findAddressProblems } from "../gateways/rules.ts";
import { type ArgProblem, refuseInvalidArgs } from "../problems/argProblem.ts";
import { findImageProblems } from "../problems/values.ts";
import type { McpServerArgs } from "./args.ts";
import { type BridgeArgs, bridgePaths } from "./bridge/args.ts";
import { bridgeDefaults, serverDefaults } from "./defaults.ts";
import { ServerDeployment } from "./deployment/serverDeployment.ts";
import { resolveEndpoint } from "./endpoint.ts";
import { findMcpServerProblems } from "./rules.ts";

/** One complete MCP server: its pods, and the route with which a gateway carries it. */
export class McpServer extends pulumi.ComponentResource {
    /** What a gateway needs to know of this server. */
    public readonly route: Route;

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
            publicPaths: [mcpPath, ...(rest ? bridgePaths.rest : [])],
            openPaths: rest ? bridgePaths.pages : [],
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
        this.registerOutputs({ resource });
    }
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
