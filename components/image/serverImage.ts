import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { join, resolve } from "node:path";

import { problemsUnder, refuseInvalidArgs } from "../problems/argProblem.ts";
import type { RegistryArgs, ServerImageArgs } from "./args.ts";
import { contentTag } from "./contentTag.ts";
import { findDirectoryProblems, findRegistryProblems } from "./rules.ts";

/** An image built from a directory and pushed. Its tag follows the content: an unchanged directory is not rebuilt. */
export class ServerImage extends pulumi.ComponentResource {
    /** `repository@sha256:…`: the pushed image itself, independent of its tag. */
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

function buildPushLogin({ address, username, password }: RegistryArgs) {
    return {
        server: address.split("/")[0],
        username,
        password: password === undefined ? undefined : pulumi.secret(password),
    };
}
