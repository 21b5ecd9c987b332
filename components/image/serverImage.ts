import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { join, relative } from "node:path";

import { problemsUnder, refuseInvalidArgs } from "../problems/argProblem.ts";
import type { RegistryArgs, ServerImageArgs } from "./args.ts";
import { contentTag } from "./contentTag.ts";
import { imageDefaults } from "./defaults.ts";
import { findDirectoryProblems, findRegistryProblems } from "./rules.ts";

/** An image built from a directory and pushed. Its tag follows the content: an unchanged directory is not rebuilt. */
export class ServerImage extends pulumi.ComponentResource {
    /** `repository@sha256:…`: the pushed image itself, independent of its tag. */
    public readonly reference: pulumi.Output<string>;

    constructor(name: string, args: ServerImageArgs, opts?: pulumi.ComponentResourceOptions) {
        const { directory, registry, platform = imageDefaults.platform } = args;
        // Providers run in the directory of the program. An absolute path would differ between two checkouts.
        const context = relative("", directory) || ".";
        const inputs = { directory: context, registry: registry.address, platform };
        super("slipway:index:ServerImage", name, inputs, opts);
        refuseInvalidArgs(this, [
            ...findDirectoryProblems("directory", directory),
            ...problemsUnder("registry", findRegistryProblems(registry)),
        ]);

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
