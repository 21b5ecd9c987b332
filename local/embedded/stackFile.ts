import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { didYouMean } from "../../components/problems/didYouMean.ts";

/** Configuration of a stack by key, such as `slipway:namespace`. */
export type StackConfiguration = Record<string, unknown>;

/** A stack's file, `Pulumi.<stack>.yaml`. */
export interface StackFile {
    encryptionsalt?: string;
    encryptedkey?: string;
    secretsprovider?: string;
    environment?: unknown;
    config?: StackConfiguration;
}

/** Reads a stack's file. Throws when there is none, with those that there are. */
export function readStackFile(directory: string, stack: string): StackFile {
    const name = `Pulumi.${stack}.yaml`;
    const file = join(directory, name);
    if (!existsSync(file)) {
        const known = readdirSync(directory).flatMap(
            (entry) => /^Pulumi\.(.+)\.yaml$/.exec(entry)?.[1] ?? [],
        );
        throw new Error(
            `--stack: must have a file '${name}', got '${stack}' without one${didYouMean(stack, known)}; write its ` +
                "servers to it ('slipway:servers'), as README.md shows under 'A stack of your own'",
        );
    }
    const read = parse(readFileSync(file, "utf8")) as unknown;
    if (typeof read !== "object" || read === null || Array.isArray(read)) {
        throw new Error(`${name}: must be a mapping with the key 'config', got ${typeof read}`);
    }
    return read;
}

/** Whether a file has values that `pulumi config set --secret` encrypted. */
export function hasSecrets(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    const entries = Object.entries(value);
    return isSecret(value) || entries.some(([, entry]) => hasSecrets(entry));
}

/** Whether a value is encrypted: the engine writes it as `{ secure: … }`. */
export function isSecret(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    return Object.keys(value).join() === "secure";
}

/** A key whose value is an object, in YAML or as JSON; empty when it is absent, undefined when it is anything else. */
export function readObject(
    config: StackConfiguration,
    key: string,
): Record<string, unknown> | undefined {
    const given = config[key];
    if (given === undefined || given === null) return {};
    if (typeof given === "string") {
        try {
            return readObject({ [key]: JSON.parse(given) as unknown }, key);
        } catch {
            return undefined;
        }
    }
    return typeof given === "object" && !Array.isArray(given)
        ? (given as Record<string, unknown>)
        : undefined;
}
