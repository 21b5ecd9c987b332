import * as pulumi from "@pulumi/pulumi";
import { join, relative } from "node:path";

import type { ServerImage, ServerImageArgs } from "../components/index.ts";
import { packageCommand } from "../components/image/package/dockerfiles.ts";
import { namePackage } from "../components/image/package/packageSource.ts";

/** Source of a server's image: a directory to build, a published package, or an existing image. */
export type ImageSource = BuildSource | PackageSource | { image: string };

/** A published package, of either registry. */
export type PackageSource = { with?: string[] } & ({ npm: string } | { pypi: string });

/** A directory to build, and how. */
export interface BuildSource {
    build: string;
    buildArgs?: Record<string, string>;
    target?: string;
    cacheFrom?: string[];
}

/** An image that is built once, however many servers run it. */
export interface BuiltImage {
    /** Name of the image, derived from its directory or package alone. */
    name: string;
    /** What servers that run the image have in common. */
    key: string;
    /** What it is built from, and how. */
    build: Omit<ServerImageArgs, "registry" | "platform">;
    opts: pulumi.ComponentResourceOptions;
}

/** The bridge, which also verifies tokens. */
export const bridgeSource: ImageSource = { build: "images/bridge" };

/** The images to build: the bridge, and every directory and package that a server names. */
export function listImages(
    servers: { name: string; source: ImageSource }[],
    packagesDirectory?: string,
): BuiltImage[] {
    const sources = [{ name: "bridge", source: bridgeSource }, ...servers];
    const keys = new Set(sources.flatMap(({ source }) => keyOf(source) ?? []));
    return [...keys].map((key) => {
        const users = sources.filter(({ source }) => keyOf(source) === key);
        const source = users[0]!.source;
        const name = nameSource(source) ?? key;
        return {
            name,
            key,
            build: arrangeBuild(name, source, packagesDirectory),
            opts: { aliases: "build" in source ? users.filter(isServer).map(formerImage) : [] },
        };
    });

    function isServer(user: (typeof sources)[number]): boolean {
        return user !== sources[0];
    }
}

function arrangeBuild(
    name: string,
    source: ImageSource,
    packagesDirectory: string | undefined,
): BuiltImage["build"] {
    if (isPackage(source)) {
        const directory =
            packagesDirectory === undefined ? undefined : join(packagesDirectory, name);
        return { package: { ...source, directory } };
    }
    const { build, buildArgs, target, cacheFrom } = source as BuildSource;
    return { directory: relative("", build), buildArgs, target, cacheFrom };
}

/** Name of the image that is built of a source; undefined for an existing one. */
export function nameSource(source: ImageSource): string | undefined {
    if (isPackage(source)) return namePackage(source);
    return "build" in source ? nameImage(source.build) : undefined;
}

/** The server with the program that it starts behind the bridge, where the stack names none: that of its package. */
export function withCommand<
    Server extends { source?: ImageSource; transport?: string; command?: string[] },
>(server: Server): Server {
    const { source, transport, command } = server;
    const isOwn = source !== undefined && isPackage(source) && transport === "stdio";
    return isOwn && command === undefined ? { ...server, command: [packageCommand] } : server;
}

export function isPackage(source: ImageSource): source is PackageSource {
    return "npm" in source || "pypi" in source;
}

/** Name of the image of a directory: its path without `images/`, as a repository may be called. */
export function nameImage(directory: string): string {
    return relative("", directory)
        .toLowerCase()
        .replace(/^images\//, "")
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "");
}

/** The image of a source: a given reference, or what was built from its directory or package. */
export function findImage(
    source: ImageSource,
    images: Record<string, ServerImage>,
): pulumi.Input<string> {
    if ("image" in source) {
        return source.image;
    }
    const key = keyOf(source) ?? "";
    const image = images[key];
    if (image === undefined) {
        throw new Error(`images: must have one of '${key}', got none`);
    }
    return image.reference;
}

/** A directory, or a package without its version, as one version is built. */
function keyOf(source: ImageSource): string | undefined {
    if (isPackage(source)) return namePackage(source);
    return "build" in source ? relative("", source.build) : undefined;
}

/** Until images were built by directory, each belonged to the first server of its directory. */
function formerImage({ name }: { name: string }): pulumi.Alias {
    return { name, parent: pulumi.createUrn(name, "slipway:index:McpServer") };
}
