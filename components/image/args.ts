import type * as pulumi from "@pulumi/pulumi";

/** A container registry and the login for it. */
export interface RegistryArgs {
    /** Host, optional port and optional path, without scheme: `registry.example.org/acme`. */
    address: pulumi.Input<string>;
    /**
     * User that pushes and pulls.
     *
     * @default none; the login of the Docker engine is used
     */
    username?: pulumi.Input<string>;
    /**
     * Password of `username`; kept secret.
     *
     * @default none; the login of the Docker engine is used
     */
    password?: pulumi.Input<string>;
}

/** A published package that is an MCP server, of npm or of PyPI. Plain, because its lock decides the tag. */
export interface PackageArgs {
    /**
     * Package of npm with its exact version: `@acme/weather-mcp@1.4.0`.
     *
     * @default none; either this or `pypi`
     */
    npm?: string;
    /**
     * Package of PyPI with its exact version, with extras in brackets: `weather-mcp[metric]@1.4.0`.
     *
     * @default none; either this or `npm`
     */
    pypi?: string;
    /**
     * Further packages of the same registry, or bounds on versions: `zod@^4.1.0`, `mcp<2`.
     *
     * @default []
     */
    with?: string[];
    /**
     * Directory that keeps the lock and the rest of the build context, relative to the program; to be committed. The
     * first deployment of a version writes it.
     *
     * @default `imageDefaults.packageDirectory(name)`
     */
    directory?: string;
}

/** What an image is built from, and where it is pushed. */
export interface ServerImageArgs {
    /**
     * Directory with a `Dockerfile`, relative to the program. Plain, because its content decides the tag.
     *
     * @default none; either this or `package`
     */
    directory?: string;
    /**
     * Published package to build an image of, without a `Dockerfile`.
     *
     * @default none; either this or `directory`
     */
    package?: PackageArgs;
    /** Registry that receives the image, as repository `<address>/<name of this component>`. */
    registry: RegistryArgs;
    /**
     * Platform of the nodes that run the image, such as `linux/arm64`. Give it when the program also runs on machines
     * of another architecture: an image of another platform is another image.
     *
     * @default `imageDefaults.platform`
     */
    platform?: pulumi.Input<string>;
    /**
     * Build arguments (`ARG`). Plain: they can be read in the image and in the state, so a secret must not be one of them.
     *
     * @default {}
     */
    buildArgs?: Record<string, string>;
    /**
     * Stage of the `Dockerfile` to build.
     *
     * @default the last one
     */
    target?: string;
    /**
     * Images whose layers the build may reuse, in addition to those of the Docker engine.
     *
     * @default []
     */
    cacheFrom?: pulumi.Input<string>[];
}
