import { registryAddress } from "../../local/mirror/registry.ts";

const registry = `http://${registryAddress}`;
const headers = {
    accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
};

/** A tag of the platform's registry. */
export interface RegistryTag {
    repository: string;
    tag: string;
    digest: string;
}

/** All tags, with digests, of the repositories that `covers` selects. */
export async function listTags(covers: (repository: string) => boolean): Promise<RegistryTag[]> {
    const found: RegistryTag[] = [];
    for (const repository of (await listRepositories()).filter(covers)) {
        const { tags } = (await read(`/v2/${repository}/tags/list`)) as { tags?: string[] | null };
        for (const tag of tags ?? []) {
            const digest = await readDigest(repository, tag);
            if (digest !== undefined) found.push({ repository, tag, digest });
        }
    }
    return found;
}

/** The digest of a reference (tag or digest); undefined when the registry does not have it. */
export async function readDigest(
    repository: string,
    reference: string,
): Promise<string | undefined> {
    const url = `${registry}/v2/${repository}/manifests/${reference}`;
    const { status, headers: answered } = await fetch(url, { method: "HEAD", headers });
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`registry: HEAD ${url} returned ${status}`);
    return answered.get("docker-content-digest") ?? undefined;
}

/** Deletes the image of a tag from its repository. */
export async function deleteTag({ repository, digest }: RegistryTag): Promise<void> {
    const url = `${registry}/v2/${repository}/manifests/${digest}`;
    const { status } = await fetch(url, { method: "DELETE" });
    if (status !== 202 && status !== 404)
        throw new Error(`registry: DELETE ${url} returned ${status}`);
}

async function listRepositories(): Promise<string[]> {
    const found: string[] = [];
    for (let next: string | undefined = "/v2/_catalog?n=500"; next !== undefined;) {
        const response: Response = await fetch(new URL(next, registry));
        if (!response.ok) throw new Error(`registry: GET ${next} returned ${response.status}`);
        const { repositories } = (await response.json()) as { repositories: string[] };
        found.push(...repositories);
        next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    return found;
}

async function read(path: string): Promise<unknown> {
    const response = await fetch(new URL(path, registry));
    if (response.status === 404) return {};
    if (!response.ok) throw new Error(`registry: GET ${path} returned ${response.status}`);
    return response.json();
}
