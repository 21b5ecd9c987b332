import * as pulumi from "@pulumi/pulumi";
import { relative } from "node:path";

import { type EndpointArgs, resolveEndpoint } from "./endpoint.ts";
import {
    defaultLimits,
    findAddressProblems,
    type PublicAddress,
    type Route,
    type RouteCors,
    type RouteLimits,
} from "../gateways/gateway.ts";
import { type ArgProblem, refuseInvalidArgs } from "../problems/argProblem.ts";
import { findMcpServerProblems } from "./rules.ts";
import type { BridgeArgs } from "./bridge/container.ts";
import { bridgePaths, type BridgeSettings } from "./bridge/args.ts";
import { ServerDeployment } from "./deployment/serverDeployment.ts";
import type { ServerDeploymentArgs } from "./deployment/args.ts";
import type { Transport } from "./deployment/rules.ts";
import { type RegistryArgs, ServerImage } from "../image/serverImage.ts";

/** Where a server's image comes from: a directory that is built, or one that exists. */
export type ImageSource = { build: string } | { image: string };

export interface McpServerArgs
    extends
        EndpointArgs,
        Omit<ServerDeploymentArgs, "image" | "bridge" | "allowedHosts" | "allowedOrigins"> {
    /** Image of the server. Plain, because it decides what is created. */
    source: ImageSource;
    /** Public address of the gateway that will carry the server. */
    address: PublicAddress;
    /** Registry for images that are built; needed with `source.build`. */
    registry?: RegistryArgs;
    /**
     * Images built so far, by directory relative to the program: servers of one directory share one build. The server adds its own.
     *
     * @default a build of its own
     */
    images?: Map<string, ServerImage>;
    /**
     * How the server speaks MCP.
     *
     * @default "http"
     */
    transport?: Transport;
    /** Bridge image, pinned; needed with `transport: "stdio"`. */
    bridgeImage?: pulumi.Input<string>;
    /**
     * How the bridge serves a stdio server.
     *
     * @default the bridge's own defaults, without REST
     */
    bridge?: BridgeSettings;
    /**
     * Whether the server sees its paths without the prefix.
     *
     * @default true
     */
    stripPrefix?: boolean;
    /**
     * What one caller may ask for, at most.
     *
     * @default 1000 calls a second with bursts of 2000, bodies of 4 MiB
     */
    limits?: Partial<RouteLimits>;
    /**
     * Browser pages that may call the server.
     *
     * @default any; a page has no token unless its user gave it one
     */
    cors?: RouteCors;
}

/** One MCP server whole: its image, its pods, and the route that a gateway needs to carry it. */
export class McpServer extends pulumi.ComponentResource {
    /** What a gateway needs to know of this server. */
    public readonly route: Route;

    constructor(name: string, args: McpServerArgs, opts?: pulumi.ComponentResourceOptions) {
        const { source, transport = "http", address, cors = { origins: ["*"] } } = args;
        super("slipway:index:McpServer", name, { source, transport, address }, opts);
        refuseInvalidArgs(this, [
            ...findMcpServerProblems(name, args),
            ...findAddressProblems("address", address),
            ...findMissingArgs(args),
        ]);
        const child = { parent: this };

        const { podsHost, serviceHost } = new ServerDeployment(
            name,
            {
                ...args,
                image:
                    "image" in source ? source.image : buildImage(name, source.build, args, child),
                bridge: buildBridge(name, args),
                allowedHosts: [address.host],
                allowedOrigins: cors.origins,
            },
            child,
        );
        const { prefix, mcpPath, scopes, resource } = resolveEndpoint(name, args, address);
        const rest = transport === "stdio" && args.bridge?.rest === true;
        this.route = {
            server: name,
            prefix,
            stripPrefix: args.stripPrefix ?? true,
            publicPaths: [mcpPath, ...(rest ? bridgePaths.rest : [])],
            openPaths: rest ? bridgePaths.pages : [],
            podsHost,
            serviceHost,
            port: args.port ?? 8000,
            resource,
            scopes,
            limits: { ...defaultLimits, ...args.limits },
            cors,
            longestCallSeconds: args.longestCallSeconds ?? 300,
        };
        this.registerOutputs({ resource });
    }
}

/** The bridge in front of a stdio server, with what the gateway in front of both decides. */
function buildBridge(name: string, args: McpServerArgs): BridgeArgs | undefined {
    const { bridgeImage, transport, bridge, limits, address } = args;
    if (bridgeImage === undefined || transport !== "stdio") {
        return undefined;
    }
    const { bodyMebibytes } = { ...defaultLimits, ...limits };
    const endpoint = resolveEndpoint(name, args, address);
    return { ...bridge, image: bridgeImage, endpoint, bodyMebibytes };
}

/** Refuses arguments that others need: they are optional only as long as nothing asks for them. */
function findMissingArgs({
    source,
    transport,
    registry,
    bridgeImage,
}: McpServerArgs): ArgProblem[] {
    const problems: ArgProblem[] = [];
    if ("build" in source && registry === undefined) {
        problems.push({
            path: "registry",
            reason: "must be given to push what is built, got none",
        });
    }
    if (transport === "stdio" && bridgeImage === undefined) {
        const reason = "must be given for a stdio server, got none";
        problems.push({ path: "bridgeImage", reason });
    }
    return problems;
}

function buildImage(
    name: string,
    directory: string,
    { registry = { address: "" }, images = new Map<string, ServerImage>() }: McpServerArgs,
    child: pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
    // However a directory is spelt, it is one directory.
    const key = relative("", directory);
    const image = images.get(key) ?? new ServerImage(name, { directory, registry }, child);
    images.set(key, image);
    return image.reference;
}
