import { join } from "node:path";

import { downloads } from "./downloads.ts";
import type { Download } from "./downloads.ts";
import { digestOf } from "./registryClient.ts";
import type { RegistryClient } from "./registryClient.ts";

/** An image of a public registry, and how an equivalent is built when that cannot be reached. */
export interface BaseImage {
    /** Short name, used for its recipe's directory and in messages. */
    name: string;
    /** Registry of the original. */
    upstream: "docker.io" | "quay.io";
    /** Repository path and tag, the same upstream and in the mirror. */
    repository: string;
    tag: string;
    /** Names of the base images its recipe starts from. */
    from: string[];
    /** Package files of its recipe, by their name in the build context. */
    files: Record<string, Download>;
}

/** Keycloak's image, which the platform itself runs; no Dockerfile starts from it. */
export const keycloakImage: BaseImage = {
    name: "keycloak",
    upstream: "quay.io",
    repository: "keycloak/keycloak",
    tag: "26.7.0",
    from: ["debian"],
    files: { "keycloak.zip": downloads.keycloak },
};

/** All base images, each after those it starts from. */
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

/** Name of a Docker Hub image in a Dockerfile, without 'library/'. */
export function shortReference({ repository, tag }: BaseImage): string {
    return `${repository.replace(/^library\//, "")}:${tag}`;
}

/** Image reference for pods: by digest when the platform's registry has it, because a tag could be moved. */
export async function podReference(
    { upstream, repository, tag }: BaseImage,
    registry: RegistryClient,
): Promise<string> {
    const manifest = await registry.readManifest(repository, tag);
    const name = `${upstream}/${repository}:${tag}`;
    return manifest === undefined ? name : `${name}@${digestOf(manifest)}`;
}
