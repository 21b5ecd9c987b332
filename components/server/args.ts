import type * as pulumi from "@pulumi/pulumi";

import type { PublicAddress, RouteCors, RouteLimits } from "../gateways/route.ts";
import type { BridgeSettings, ToolRules } from "./bridge/args.ts";
import type { CommonServerArgs } from "./deployment/args.ts";
import type { Transport } from "./deployment/settings.ts";

/** Address of an endpoint and who may call it. Plain, because they are part of tokens. */
export interface EndpointArgs {
    /**
     * Public host of the server's own, whose DNS name leads to the gateway and which its certificate covers.
     *
     * @default that of the gateway
     */
    host?: string;
    /**
     * Public path of the server, without trailing slash; `/` for the root of its host, which then has no other server.
     *
     * @default `serverDefaults.prefix(name)`
     */
    prefix?: string;
    /**
     * Path of the MCP endpoint inside the server.
     *
     * @default `serverDefaults.mcpPath`
     */
    mcpPath?: string;
    /**
     * Scopes that a token must carry, all of them.
     *
     * @default `serverDefaults.scopes(name)`
     */
    scopes?: string[];
    /**
     * Whether the issuer is asked for each token whether it was revoked; see `introspection` of the identity. Otherwise a
     * token is valid until it ends, or its session does.
     *
     * @default `serverDefaults.checkRevocation`
     */
    checkRevocation?: boolean;
    /**
     * Whether tokens must be bound to the certificate of the client (RFC 8705), which a gateway with mutual TLS checks.
     *
     * @default `serverDefaults.certificateBound`
     */
    certificateBound?: boolean;
    /**
     * Rules for single tools, which may require further scopes.
     *
     * @default none
     */
    tools?: ToolRules;
}

/** A further MCP server in the process of a native one: it shares the pods, and has an address and tokens of its own. */
export interface MountArgs {
    /** Name of the server. */
    name: string;
    /**
     * Public path of the server, without trailing slash.
     *
     * @default `serverDefaults.prefix(name)`
     */
    prefix?: string;
    /**
     * Whether the gateway removes the prefix before it forwards a request.
     *
     * @default `serverDefaults.stripPrefix`
     */
    stripPrefix?: boolean;
    /**
     * Path of its MCP endpoint inside the process.
     *
     * @default `serverDefaults.mcpPath`
     */
    mcpPath?: string;
    /**
     * Scopes that a token must carry, all of them.
     *
     * @default `serverDefaults.scopes(name)`
     */
    scopes?: string[];
}

export interface McpServerArgs extends CommonServerArgs, EndpointArgs {
    /** Public address of the gateway that carries the server. */
    address: PublicAddress;
    /**
     * How the server speaks MCP.
     *
     * @default `serverDefaults.transport`
     */
    transport?: Transport;
    /** Bridge image, pinned; required with `transport: "stdio"`. */
    bridgeImage?: pulumi.Input<string>;
    /**
     * How the bridge serves a stdio server.
     *
     * @default `bridgeDefaults`
     */
    bridge?: BridgeSettings;
    /**
     * Whether the gateway removes the prefix before it forwards a request.
     *
     * @default `serverDefaults.stripPrefix`
     */
    stripPrefix?: boolean;
    /**
     * Further MCP servers in the process of a native server.
     *
     * @default []
     */
    mounts?: MountArgs[];
    /**
     * Further paths of a native server that require a token, each with everything below it, such as a REST API.
     *
     * @default []
     */
    paths?: string[];
    /**
     * Further paths of a native server that are public without token, each with everything below it, such as
     * documentation.
     *
     * @default []
     */
    openPaths?: string[];
    /**
     * Limits of one caller.
     *
     * @default `serverDefaults.limits`
     */
    limits?: Partial<RouteLimits>;
    /**
     * Browser pages that may call the server.
     *
     * @default `serverDefaults.cors`
     */
    cors?: RouteCors;
}
