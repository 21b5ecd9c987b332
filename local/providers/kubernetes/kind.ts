/** API version and kind of a manifest. */
export interface Kind {
    apiVersion: string;
    kind: string;
}

/** The kind of a type token such as `kubernetes:apps/v1:Deployment`; undefined when it is not a single object. */
export function kindOfType(type: string): Kind | undefined {
    const [, module = "", kind = ""] = type.split(":");
    // Charts, manifests and kustomizations expand to objects, lists contain several, and patches own none.
    if (!/^[^/]+\/v\d/.test(module) || /^(helm|yaml|kustomize)\./.test(module)) return undefined;
    if (/(List|Patch)$/.test(kind)) return undefined;
    return { apiVersion: module.replace(/^core\//, ""), kind };
}
