import * as pulumi from "@pulumi/pulumi";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import type { ArgProblem } from "../components/problems/argProblem.ts";
import { formatPath } from "./describeIssues.ts";
import { serverSettings } from "./serverSettings.ts";
import { readValidKeys } from "./validKeys.ts";

/** Stands for a secret wherever the configuration is checked, as problems repeat what was given. */
const placeholder = "[secret]";

/** Secret environment variables of each server, by its index. */
export type SecretValues = Record<number, Record<string, pulumi.Output<string>>>;

/** Settings of a stack without their secrets. */
export interface OpenSettings {
    /** The settings, with a placeholder for every secret. */
    settings: Record<string, unknown>;
    /** The secret entries of each server's `env`. */
    variables: SecretValues;
    problems: ArgProblem[];
}

/**
 * Separates the values that `pulumi config set --secret --path` encrypts inside of a key. Secret variables of servers
 * are returned as secrets; any other value of the settings is shown in plain text by some resource, so that a secret
 * there is refused.
 *
 * The engine decrypts a key as a whole and says only that it has secrets: the file of the stack says where.
 */
export function separateSecrets(
    config: pulumi.Config,
    given: Record<string, unknown>,
    directory: string,
): OpenSettings {
    const settings = structuredClone(given);
    const variables: SecretValues = {};
    const problems: ArgProblem[] = [];
    const encrypted = readEncrypted(config.name, directory);
    for (const key of Object.keys(settings).filter((key) => isSecret(config.name, key))) {
        const paths = listSecretPaths(encrypted[key], [key]);
        // Without the file, or with an environment instead of it, any value may be the secret.
        for (const path of paths.length === 0 ? [[key]] : paths) {
            const value = replaceAt(settings, path, placeholder);
            const [top, index, kind, name, ...others] = path;
            if (top === "servers" && kind === "env" && name !== undefined && others.length === 0) {
                const server = (variables[index as number] ??= {});
                server[String(name)] = pulumi.secret(asText(value));
            } else {
                problems.push(refuseSecret(config.name, path));
            }
        }
    }
    return { settings, variables, problems };
}

/** How a secret is set: with this project's commands alone, or with Pulumi's. */
function adviseSecret(key: string): string {
    return `run 'npm run secret -- ${key} --stack ${pulumi.getStack()}' or 'pulumi config set --secret ${key}'`;
}

/** Reads the secret that `path` of the settings names by its key; a problem for a missing or a plain one. */
export function readSecret(
    config: pulumi.Config,
    path: string,
    key: string,
): { value: pulumi.Output<string> | undefined; problems: ArgProblem[] } {
    const value = config.getSecret(key);
    const repair = adviseSecret(key);
    if (value === undefined) {
        const reason = `must name a secret of this stack, got '${key}'; ${repair}`;
        return { value, problems: [{ path, reason }] };
    }
    const reason = `must name a secret, got '${key}', whose value is in plain text; ${repair}`;
    return { value, problems: isSecret(config.name, key) ? [] : [{ path, reason }] };
}

/** Reads the values of each server's `secrets`; a problem for each missing one says how to set it. */
export function readSecrets(
    servers: unknown,
    config: pulumi.Config,
): { secrets: SecretValues; problems: ArgProblem[] } {
    const problems: ArgProblem[] = [];
    const all = Array.isArray(servers) ? (servers as unknown[]) : [];
    const secrets = all.map((server, index) => {
        const keys = readValidKeys(serverSettings, server).secrets ?? {};
        return Object.fromEntries(
            Object.entries(keys).flatMap(([variable, key]) => {
                const path = `servers[${index}].secrets.${variable}`;
                const { value, problems: found } = readSecret(config, path, key);
                problems.push(...found);
                return value === undefined ? [] : [[variable, value] as const];
            }),
        );
    });
    return { secrets, problems };
}

/** Refuses keys whose values are secrets but are written to the stack's file in plain text. */
export function findPlainSecretProblems(config: pulumi.Config, keys: string[]): ArgProblem[] {
    return keys
        .filter((key) => (config.get(key) ?? "") !== "" && !isSecret(config.name, key))
        .map((key) => {
            const path = config.name === pulumi.getProject() ? key : `${config.name}:${key}`;
            const reason = `must be secret, got a value in plain text; ${adviseSecret(path)}`;
            return { path, reason };
        });
}

/** Reads a key that may be secret or not, as its owner has set it. */
export function readText(config: pulumi.Config, key: string): pulumi.Input<string> | undefined {
    return isSecret(config.name, key) ? config.getSecret(key) : config.get(key);
}

function refuseSecret(project: string, path: PropertyKey[]): ArgProblem {
    const [top, index] = path;
    const owner = top === "servers" && typeof index === "number" ? index : 0;
    const repair =
        path.length === 1 && top !== "namespace"
            ? "set the values of the key one by one"
            : `run 'pulumi config set --plaintext --path "${project}:${formatPath(path)}" VALUE'`;
    return {
        path: formatPath(path),
        reason:
            `must not be secret, as resources show it in plain text, got a secret; ${repair}, ` +
            `or pass a secret to a server: 'pulumi config set --secret --path "${project}:servers[${owner}].env.NAME"'`,
    };
}

function isSecret(project: string, key: string): boolean {
    // Exported, but not declared.
    const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
    return runtime.isConfigSecret(`${project}:${key}`);
}

/** Configuration of the stack's file by key, as it is written there. */
function readEncrypted(project: string, directory: string): Record<string, unknown> {
    const file = join(directory, `Pulumi.${pulumi.getStack()}.yaml`);
    if (!existsSync(file)) {
        return {};
    }
    const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as {
        config?: Record<string, unknown>;
    };
    const prefix = `${project}:`;
    return Object.fromEntries(
        Object.entries(config)
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value]),
    );
}

/** Paths of encrypted values, which the engine writes as `{ secure: … }`. */
function listSecretPaths(value: unknown, path: PropertyKey[]): PropertyKey[][] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    if (Array.isArray(value)) {
        return value.flatMap((entry, index) => listSecretPaths(entry, [...path, index]));
    }
    const entries = Object.entries(value);
    return entries.length === 1 && typeof (value as { secure?: unknown }).secure === "string"
        ? [path]
        : entries.flatMap(([key, entry]) => listSecretPaths(entry, [...path, key]));
}

/** Replaces the value at a path, and returns what was there. */
function replaceAt(owner: unknown, [key, ...rest]: PropertyKey[], value: string): unknown {
    const parent = owner as Record<PropertyKey, unknown>;
    if (rest.length > 0) {
        return replaceAt(parent[key!], rest, value);
    }
    const former = parent[key!];
    parent[key!] = value;
    return former;
}

function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
