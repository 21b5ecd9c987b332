import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { join, relative } from "node:path";

import { problemsUnder, refuseInvalidArgs } from "../problems/argProblem.ts";
import { checkInput, findInputProblems } from "../problems/inputs.ts";
import type { RegistryArgs, ServerImageArgs } from "./args.ts";
import { contentTag } from "./contentTag.ts";
import { hostOf } from "./pullLogin.ts";
import { imageDefaults } from "./defaults.ts";
import { preparePackage } from "./package/buildContext.ts";
import { findBuildProblems, findContextProblems, findRegistryProblems } from "./rules.ts";

/**
 * An image built from a directory or from a published package, and pushed. Its tag follows the content: an unchanged
 * directory or lock is not rebuilt.
 */
export class ServerImage extends pulumi.ComponentResource {
    /** `repository@sha256:…`: the pushed image itself, independent of its tag. */
    public readonly reference: pulumi.Output<string>;

    constructor(name: string, args: ServerImageArgs, opts?: pulumi.ComponentResourceOptions) {
        const { registry, platform = imageDefaults.platform, package: source } = args;
        const { buildArgs, target, cacheFrom } = args;
        // Providers run in the directory of the program. An absolute path would differ between two checkouts.
        const context = relative("", contextOf(name, args)) || ".";
        const inputs = {
            directory: context,
            package: source,
            registry: registry.address,
            platform,
        };
        super("slipway:index:ServerImage", name, inputs, opts);
        refuseInvalidArgs(this, [
            ...findContextProblems(args),
            ...findInputProblems(registry.address, findAddressProblems),
            ...findBuildProblems(args),
        ]);
        const address = checkInput(this, registry.address, findAddressProblems);
        const build = {
            context,
            dockerfile: join(context, "Dockerfile"),
            platform,
            args: buildArgs,
            target,
            cacheFrom: cacheFrom === undefined ? undefined : { images: cacheFrom },
        };
        const tag =
            source === undefined
                ? contentTag(context, args)
                : // The engine asks the provider once all inputs are known, so that it finds the whole context.
                  preparePackage(source, context).then((prepared) => contentTag(prepared, args));

        const image = new docker.Image(
            `${name}-image`,
            {
                imageName: pulumi.interpolate`${address}/${name}:${tag}`,
                build,
                registry: buildPushLogin({ ...registry, address }),
            },
            { parent: this },
        );
        this.reference = image.repoDigest;
        this.registerOutputs({ reference: this.reference });
    }
}

function contextOf(name: string, { directory = "", package: source }: ServerImageArgs): string {
    return source === undefined
        ? directory
        : (source.directory ?? imageDefaults.packageDirectory(name));
}

function findAddressProblems(address: string) {
    return problemsUnder("registry", findRegistryProblems(address));
}

function buildPushLogin({ address, username, password }: RegistryArgs) {
    return {
        server: pulumi.output(address).apply(hostOf),
        username,
        password: password === undefined ? undefined : pulumi.secret(password),
    };
}
