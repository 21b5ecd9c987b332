import type * as z from "zod";

import type { ArgProblem } from "../components/problems/argProblem.ts";
import { didYouMean } from "../components/problems/didYouMean.ts";
import { findKeys } from "./keys.ts";

type Issue = z.core.$ZodIssue;

/** The issues that a schema found, as problems of this project. */
export function describeIssues(schema: z.ZodType, issues: Issue[]): ArgProblem[] {
    return issues.flatMap((issue) =>
        issue.code === "unrecognized_keys"
            ? issue.keys.map((key) => describeUnknownKey(schema, issue, key))
            : [{ path: formatPath(issue.path), reason: describeIssue(issue) }],
    );
}

/** `["servers", 1, "port"]` as `servers[1].port`. */
export function formatPath(path: readonly PropertyKey[]): string {
    return path
        .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
        .join("")
        .replace(/^\./, "");
}

function describeUnknownKey(schema: z.ZodType, { path, input }: Issue, key: string): ArgProblem {
    const known = findKeys(schema, path, input);
    return {
        path: formatPath([...path, key]),
        reason: `must be one of ${known.map((name) => `'${name}'`).join(", ")}, got '${key}'${didYouMean(key, known)}`,
    };
}

function describeIssue(issue: Issue): string {
    if (issue.input === undefined) {
        return "must be given, got nothing";
    }
    const got = `got ${describeValue(issue.input)}`;
    switch (issue.code) {
        case "invalid_type":
            return `must be of type ${issue.expected}, ${got}`;
        case "invalid_value":
            return `must be ${issue.values.map((value) => `'${String(value)}'`).join(" or ")}, ${got}`;
        case "too_small":
            return `must have at least ${issue.minimum} ${issue.origin === "array" ? "entry" : ""}, ${got}`;
        case "invalid_union":
            if (issue.discriminator !== undefined) {
                const kind = (issue.input as Record<string, unknown>)[issue.discriminator];
                return kind === undefined
                    ? "must be given, got nothing"
                    : `${issue.message}, got ${describeValue(kind)}`;
            }
            return `${issue.message}, ${got}`;
        default:
            return `${issue.message}, ${got}`;
    }
}

function describeValue(value: unknown): string {
    if (Array.isArray(value)) {
        return value.length === 0 ? "an empty list" : "a list";
    }
    return typeof value === "object" && value !== null
        ? `{ ${Object.keys(value).join(", ")} }`
        : `'${String(value)}'`;
}
