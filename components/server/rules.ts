import { findHostProblems } from "../gateways/rules.ts";
import type { RouteLimits } from "../gateways/route.ts";
import type { ArgProblem } from "../problems/argProblem.ts";
import { findNameProblems, findScopeProblems, isPlainPath } from "../problems/values.ts";
import type { McpServerArgs, MountArgs } from "./args.ts";
import { serverDefaults } from "./defaults.ts";
import { findServerProblems } from "./deployment/rules.ts";

/** Refuses a server that could not be deployed, reached or distinguished from others. */
export function findMcpServerProblems(name: string, server: Partial<McpServerArgs>): ArgProblem[] {
    const { host, prefix, scopes, limits = {}, cors } = server;
    return [
        ...findServerNameProblems(name),
        ...(host === undefined ? [] : findHostProblems("host", host)),
        ...(prefix === undefined ? [] : findPrefixProblems(prefix, server.mcpPath)),
        ...(scopes === undefined ? [] : findScopeProblems("scopes", scopes)),
        ...findLimitProblems(limits),
        ...(cors?.origins ?? []).flatMap(findOriginProblems),
        ...findServerProblems(server),
        ...findNativeProblems(server),
    ];
}

/** Refuses what only a native server can have behind the bridge, and paths and mounted servers that cannot be. */
function findNativeProblems(server: Partial<McpServerArgs>): ArgProblem[] {
    const { mounts = [], paths = [], openPaths = [], transport } = server;
    const reason = "must be left out for a stdio server, as the bridge serves one server, got it";
    const native = { mounts, paths, openPaths };
    const misplaced = Object.entries(native).filter(([, given]) => given.length > 0);
    return [
        ...(transport === "stdio" ? misplaced.map(([path]) => ({ path, reason })) : []),
        ...mounts.flatMap((mount, index) => findMountProblems(mount, `mounts[${index}]`)),
        ...Object.entries({ paths, openPaths }).flatMap(([name, given]) =>
            given
                .filter((path) => !isPlainPath(path))
                .map((path, index) => ({
                    path: `${name}[${index}]`,
                    reason: `must be a path such as '/tools' without trailing slash, got '${path}'`,
                })),
        ),
    ];
}

function findMountProblems({ name, prefix, mcpPath, scopes }: MountArgs, at: string): ArgProblem[] {
    const problems = [
        ...findServerNameProblems(name),
        ...(prefix === undefined ? [] : findPrefixProblems(prefix, mcpPath)),
        ...(mcpPath === undefined || isPlainPath(mcpPath)
            ? []
            : [{ path: "mcpPath", reason: `must be a path such as '/mcp', got '${mcpPath}'` }]),
        ...(scopes === undefined ? [] : findScopeProblems("scopes", scopes)),
    ];
    return problems.map(({ path, reason }) => ({ path: `${at}.${path}`, reason }));
}

function findServerNameProblems(name: string): ArgProblem[] {
    // Names of its objects add up to 23 characters to it; Kubernetes limits labels to 63.
    const problems = findNameProblems("name", name, 40);
    // Services must start with a letter.
    return problems.length > 0 || /^[a-z]/.test(name)
        ? problems
        : [{ path: "name", reason: `must start with a lower-case letter, got '${name}'` }];
}

/** Paths of a host that the gateway has for itself. */
const gatewayPaths = /^\/(\.well-known|_verify)(\/|$)/;

function findPrefixProblems(prefix: string, mcpPath = serverDefaults.mcpPath): ArgProblem[] {
    if (prefix === "" || prefix === "/") {
        const reason = `must not lie below '/.well-known' or '/_verify' at the root of a host, got '${mcpPath}'`;
        return gatewayPaths.test(mcpPath) ? [{ path: "mcpPath", reason }] : [];
    }
    if (prefix === "/.well-known" || prefix.startsWith("/.well-known/")) {
        const reason = `must not lie below '/.well-known', where clients look for metadata, got '${prefix}'`;
        return [{ path: "prefix", reason }];
    }
    const reason = `must be '/' or a path such as '/tools' without trailing slash, got '${prefix}'`;
    return isPlainPath(prefix) ? [] : [{ path: "prefix", reason }];
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
