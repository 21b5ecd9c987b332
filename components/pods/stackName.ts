import * as pulumi from "@pulumi/pulumi";

/**
 * Name of an object that stays the same when its content changes, unique among the stacks that share its namespace. Pods
 * refer to such an object by name and keep running when it is replaced.
 */
export function nameForStack(noun: string, longest = 253): string {
    return [noun, pulumi.getProject(), pulumi.getStack()]
        .join("-")
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .slice(0, longest)
        .replace(/-+$/, "");
}
