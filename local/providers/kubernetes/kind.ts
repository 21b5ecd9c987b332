/** A kind of object, as a manifest names it. */
export interface Kind {
    apiVersion: string;
    kind: string;
}

/** The kind behind a type token such as `kubernetes:apps/v1:Deployment`; undefined when it names no single object. */
export function kindOfType(type: string): Kind | undefined {
    const [, module = "", kind = ""] = type.split(":");
    // Charts, manifests and kustomizations expand to objects, lists are several, and patches belong to no one.
    if (!/^[^/]+\/v\d/.test(module) || /^(helm|yaml|kustomize)\./.test(module)) return undefined;
    if (/(List|Patch)$/.test(kind)) return undefined;
    return { apiVersion: module.replace(/^core\//, ""), kind };
}
