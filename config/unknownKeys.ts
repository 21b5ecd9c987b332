import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";

import type { ArgProblem } from "../components/problems/argProblem.ts";
import { didYouMean } from "../components/problems/didYouMean.ts";
import { listIdentitySecrets } from "./identitySecrets.ts";
import { serverSettings } from "./serverSettings.ts";
import { readValidKeys } from "./validKeys.ts";
import { stackSecrets, stackSettings, type StackSettings } from "./stackSettings.ts";

const keys = [...Object.keys(stackSettings.shape), ...Object.keys(stackSecrets.shape)];

/** Refuses keys of the stack that neither this program nor, as a secret, one of its servers reads. */
export function findUnknownKeyProblems(
    project: string,
    { servers, pullRegistries, identity }: Partial<Record<keyof StackSettings, unknown>>,
): ArgProblem[] {
    const logins = stackSettings.shape.pullRegistries.safeParse(pullRegistries).data ?? [];
    const secrets = (Array.isArray(servers) ? (servers as unknown[]) : []).flatMap((server) =>
        Object.values(readValidKeys(serverSettings, server).secrets ?? {}),
    );
    secrets.push(...logins.map(({ password }) => password), ...listIdentitySecrets(identity));
    const known = keys.map((name) => `'${name}'`).join(", ");
    return Object.keys(pulumi.runtime.allConfig())
        .filter((key) => key.startsWith(`${project}:`))
        .map((key) => key.slice(project.length + 1))
        .filter((key) => !keys.includes(key) && !secrets.includes(key))
        .map((key) => ({
            path: key,
            reason: `must be one of ${known} or a secret that they name, got '${key}'${didYouMean(key, keys)}`,
        }));
}

/** A copy of `value` without the keys that its schema does not have, so that the rest can be checked. */
export function withoutUnknownKeys<T extends object>(value: T, issues: z.core.$ZodIssue[]): T {
    const copy = structuredClone(value);
    for (const issue of issues) {
        if (issue.code === "unrecognized_keys") {
            const owner = issue.path.reduce<unknown>(
                (parent, key) => (parent as Record<PropertyKey, unknown>)[key],
                copy,
            );
            for (const key of issue.keys) {
                delete (owner as Record<string, unknown>)[key];
            }
        }
    }
    return copy;
}
