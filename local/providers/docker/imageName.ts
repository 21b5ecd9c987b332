/** The parts of `registry/repository:tag`. */
export interface ImageName {
    /** Host and optional port. */
    registry: string;
    /** Path below the registry. */
    repository: string;
    tag: string;
}

/** Splits the name of an image into its parts. Throws when it has no tag, which would mean `latest`. */
export function splitImageName(name: string): ImageName {
    const parsed = /^(?:([^/]*[.:][^/]*|localhost)\/)?([^:@]+):([\w][\w.-]{0,127})$/.exec(name);
    if (parsed === null || parsed[3] === "latest") {
        throw new Error(`must be a name with a tag other than 'latest', got '${name}'`);
    }
    const [, registry = "docker.io", repository = "", tag = ""] = parsed;
    return { registry, repository, tag };
}
