import * as pulumi from "@pulumi/pulumi";
import { relative } from "node:path";

import type { ServerImage } from "../components/index.ts";

/** Source of a server's image: a directory to build, or an existing image. */
export type ImageSource = BuildSource | { image: string };

/** A directory to build, and how. */
export interface BuildSource {
    build: string;
    buildArgs?: Record<string, string>;
    target?: string;
    cacheFrom?: string[];
}

/** An image that is built once, however many servers run it. */
export interface BuiltImage {
    /** Name of the image, derived from its directory alone. */
    name: string;
    /** Directory, relative to the program. */
    directory: string;
    /** How it is built. */
    build: Omit<BuildSource, "build">;
    opts: pulumi.ComponentResourceOptions;
}

/** The bridge, which also verifies tokens. */
export const bridgeSource: ImageSource = { build: "images/bridge" };

/** The images to build: the bridge, and every directory that a server names. */
export function listImages(servers: { name: string; source: ImageSource }[]): BuiltImage[] {
    const sources = [{ name: "bridge", source: bridgeSource }, ...servers];
    const directories = new Set(sources.flatMap(({ source }) => findDirectory(source) ?? []));
    return [...directories].map((directory) => {
        const users = servers.filter(({ source }) => findDirectory(source) === directory);
        const [first] = users.map(({ source }) => source);
        const { buildArgs, target, cacheFrom } =
            first !== undefined && "build" in first ? first : {};
        return {
            name: nameImage(directory),
            directory,
            build: { buildArgs, target, cacheFrom },
            opts: { aliases: users.map(formerImage) },
        };
    });
}

/** Name of the image of a directory: its path without `images/`, as a repository may be called. */
export function nameImage(directory: string): string {
    return relative("", directory)
        .toLowerCase()
        .replace(/^images\//, "")
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "");
}

/** The image of a source: a given reference, or what was built from its directory. */
export function findImage(
    source: ImageSource,
    images: Record<string, ServerImage>,
): pulumi.Input<string> {
    if ("image" in source) {
        return source.image;
    }
    const image = images[relative("", source.build)];
    if (image === undefined) {
        throw new Error(`images: must have one of directory '${source.build}', got none`);
    }
    return image.reference;
}

function findDirectory(source: ImageSource): string | undefined {
    return "build" in source ? relative("", source.build) : undefined;
}

/** Until images were built by directory, each belonged to the first server of its directory. */
function formerImage({ name }: { name: string }): pulumi.Alias {
    return { name, parent: pulumi.createUrn(name, "slipway:index:McpServer") };
}
