import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { contentTag } from "./contentTag.ts";
import { type ArgProblem, problemsUnder, refuseInvalidArgs } from "../problems/argProblem.ts";

/** A container registry, and who may push to it. */
export interface RegistryArgs {
    /** Host, optional port and optional path, without scheme: `registry.example.org/acme`. Plain: part of names. */
    address: string;
    /**
     * Who pushes and pulls.
     *
     * @default none; the Docker engine's own login is used
     */
    username?: pulumi.Input<string>;
    /**
     * Password of `username`; kept secret.
     *
     * @default none; the Docker engine's own login is used
     */
    password?: pulumi.Input<string>;
}

export interface ServerImageArgs {
    /** Directory with a `Dockerfile`, relative to the program. Plain, because its content decides the tag. */
    directory: string;
    /** Registry that receives the image, as repository `<address>/<name of this component>`. */
    registry: RegistryArgs;
    /**
     * Platform to build for, such as `linux/arm64`.
     *
     * @default the Docker engine's own
     */
    platform?: pulumi.Input<string>;
}

/** A directory, built and pushed. The tag follows the content, so an unchanged directory is not built again. */
export class ServerImage extends pulumi.ComponentResource {
    /** `repository@sha256:…`: exactly the image that was pushed, whatever happens to tags. */
    public readonly reference: pulumi.Output<string>;

    constructor(name: string, args: ServerImageArgs, opts?: pulumi.ComponentResourceOptions) {
        const { directory, registry, platform } = args;
        super("slipway:index:ServerImage", name, { directory, registry: registry.address }, opts);
        refuseInvalidArgs(this, [
            ...findDirectoryProblems("directory", directory),
            ...problemsUnder("registry", findRegistryProblems(registry)),
        ]);
        // The provider may run elsewhere, so a relative path would mean another directory there.
        const context = resolve(directory);

        const image = new docker.Image(
            `${name}-image`,
            {
                imageName: `${registry.address}/${name}:${contentTag(directory)}`,
                build: { context, dockerfile: join(context, "Dockerfile"), platform },
                registry: buildPushLogin(registry),
            },
            { parent: this },
        );
        this.reference = image.repoDigest;
        this.registerOutputs({ reference: this.reference });
    }
}

/** Refuses a directory that cannot be built. */
export function findDirectoryProblems(path: string, directory: string): ArgProblem[] {
    if (!existsSync(directory) || !statSync(directory).isDirectory()) {
        return [{ path, reason: `must be a directory that exists, got '${directory}'` }];
    }
    const dockerfile = join(directory, "Dockerfile");
    return existsSync(dockerfile)
        ? []
        : [{ path, reason: `must hold a Dockerfile, got '${directory}'; create '${dockerfile}'` }];
}

/** Refuses an address that cannot begin the name of an image. */
export function findRegistryProblems({ address }: Pick<RegistryArgs, "address">): ArgProblem[] {
    const host = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?";
    return new RegExp(`^${host}(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`).test(address)
        ? []
        : [
              {
                  path: "address",
                  reason: `must be a host with optional port and path, without scheme, got '${address}'`,
              },
          ];
}

function buildPushLogin({ address, username, password }: RegistryArgs) {
    return {
        server: address.split("/")[0],
        username,
        password: password === undefined ? undefined : pulumi.secret(password),
    };
}
