import { join } from "node:path";

import { downloads } from "./downloads.ts";
import type { Download } from "./downloads.ts";
import { digestOf } from "./registryClient.ts";
import type { RegistryClient } from "./registryClient.ts";

/** An image that public registries have, and how its equivalent is made where they cannot be reached. */
export interface BaseImage {
    /** Short name: of its recipe's directory and in messages. */
    name: string;
    /** Host of the registry that has the original. */
    upstream: "docker.io" | "quay.io";
    /** Path and tag there, and in the mirror. */
    repository: string;
    tag: string;
    /** The base images its recipe starts from, by name. */
    from: string[];
    /** Package files its recipe takes, by their name in the build context. */
    files: Record<string, Download>;
}

/** Keycloak's own image: the platform runs it, and no Dockerfile starts from it. */
export const keycloakImage: BaseImage = {
    name: "keycloak",
    upstream: "quay.io",
    repository: "keycloak/keycloak",
    tag: "26.7.0",
    from: ["debian"],
    files: { "keycloak.zip": downloads.keycloak },
};

/** Every base image, each after those it starts from. */
export const baseImages: BaseImage[] = [
    {
        name: "debian",
        upstream: "docker.io",
        repository: "library/debian",
        tag: "trixie-slim",
        from: [],
        files: {},
    },
    {
        name: "python",
        upstream: "docker.io",
        repository: "library/python",
        tag: "3.13-slim-trixie",
        from: ["debian"],
        files: {},
    },
    keycloakImage,
    {
        name: "node",
        upstream: "docker.io",
        repository: "library/node",
        tag: "24.21.0-trixie-slim",
        from: ["debian"],
        files: { "node.tgz": downloads.node, "npm.tgz": downloads.npm },
    },
    {
        name: "nginx",
        upstream: "docker.io",
        repository: "library/nginx",
        tag: "1.31.3",
        from: ["debian", "python"],
        files: {},
    },
];

/** Directory of an image's recipe. */
export function recipeDirectory({ name }: BaseImage): string {
    return join(import.meta.dirname, "images", name);
}

/** The name a Dockerfile has for an image of Docker Hub: 'library/' is left out. */
export function shortReference({ repository, tag }: BaseImage): string {
    return `${repository.replace(/^library\//, "")}:${tag}`;
}

/** The name pods have for an image: by digest where the platform's registry has it, so that a tag cannot lead elsewhere. */
export async function podReference(
    { upstream, repository, tag }: BaseImage,
    registry: RegistryClient,
): Promise<string> {
    const manifest = await registry.readManifest(repository, tag);
    const name = `${upstream}/${repository}:${tag}`;
    return manifest === undefined ? name : `${name}@${digestOf(manifest)}`;
}
