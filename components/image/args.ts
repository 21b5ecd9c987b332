import type * as pulumi from "@pulumi/pulumi";

/** A container registry and the login for it. */
export interface RegistryArgs {
    /** Host, optional port and optional path, without scheme: `registry.example.org/acme`. Plain: part of image names. */
    address: string;
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

/** What an image is built from, and where it is pushed. */
export interface ServerImageArgs {
    /** Directory with a `Dockerfile`, relative to the program. Plain, because its content decides the tag. */
    directory: string;
    /** Registry that receives the image, as repository `<address>/<name of this component>`. */
    registry: RegistryArgs;
    /**
     * Platform of the nodes that run the image, such as `linux/arm64`. Give it when the program also runs on machines
     * of another architecture: an image of another platform is another image.
     *
     * @default `imageDefaults.platform`
     */
    platform?: pulumi.Input<string>;
}
