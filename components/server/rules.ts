import type { EndpointArgs } from "./endpoint.ts";
import type { RouteCors, RouteLimits } from "../gateways/gateway.ts";
import { findImageProblems } from "../problems/values.ts";
import type { ArgProblem } from "../problems/argProblem.ts";
import type { ImageSource } from "./mcpServer.ts";
import { isPlainPath } from "../plainPath.ts";
import { findScopeProblems } from "../scopeRules.ts";
import { type CheckedServer, findServerProblems } from "./deployment/rules.ts";
import { findDirectoryProblems } from "../image/serverImage.ts";

/** Everything about one server that can be checked without the rest of the stack. */
export interface CheckedMcpServer extends CheckedServer, EndpointArgs {
    source: ImageSource;
    limits?: Partial<RouteLimits>;
    cors?: RouteCors;
}

/** Refuses a server that could not be built, reached or told apart. */
export function findMcpServerProblems(name: string, server: CheckedMcpServer): ArgProblem[] {
    const { source, prefix, scopes, limits = {}, cors } = server;
    return [
        ...findNameProblems(name),
        ...("build" in source
            ? findDirectoryProblems("source.build", source.build)
            : findImageProblems("source.image", source.image)),
        ...(prefix === undefined ? [] : findPrefixProblems(prefix)),
        ...(scopes === undefined ? [] : findScopeProblems("scopes", scopes)),
        ...findLimitProblems(limits),
        ...(cors?.origins ?? []).flatMap(findOriginProblems),
        ...findServerProblems(server),
    ];
}

function findNameProblems(name: string): ArgProblem[] {
    // 40 characters leave room for the suffixes of what is made of it; Kubernetes ends labels at 63.
    return /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)
        ? []
        : [
              {
                  path: "name",
                  reason: `must be at most 40 lower-case letters, digits or '-', starting with a letter, got '${name}'`,
              },
          ];
}

function findPrefixProblems(prefix: string): ArgProblem[] {
    if (prefix === "/.well-known" || prefix.startsWith("/.well-known/")) {
        const reason = `must not lie below '/.well-known', where clients look for metadata, got '${prefix}'`;
        return [{ path: "prefix", reason }];
    }
    return isPlainPath(prefix)
        ? []
        : [
              {
                  path: "prefix",
                  reason: `must be a path such as '/tools' without trailing slash, got '${prefix}'`,
              },
          ];
}

function findLimitProblems(limits: Partial<RouteLimits>): ArgProblem[] {
    return Object.entries(limits)
        .filter(([, value]) => !Number.isInteger(value) || value < 1)
        .map(([limit, value]) => ({
            path: `limits.${limit}`,
            reason: `must be a whole number from 1, got ${value}`,
        }));
}

function findOriginProblems(origin: string): ArgProblem[] {
    if (origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin)) {
        return [];
    }
    const reason = `must be '*' or an origin such as 'https://app.example.org', got '${origin}'`;
    return [{ path: "cors.origins", reason }];
}
