import type * as pulumi from "@pulumi/pulumi";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { type ArgProblem, problemsUnder } from "../problems/argProblem.ts";
import { findInputProblems } from "../problems/inputs.ts";
import { findChoiceProblems, isVariableName } from "../problems/values.ts";
import type { RegistryArgs, ServerImageArgs } from "./args.ts";
import { findPackageProblems } from "./package/packageSource.ts";
import { hostOf } from "./pullLogin.ts";

/** Registries that nodes pull from. */
interface PullRegistries {
    registry?: RegistryArgs;
    pullRegistries?: RegistryArgs[];
}

/** Refuses build arguments and a target that a build would refuse, or that would reveal a secret. */
export function findBuildProblems({
    buildArgs = {},
    target,
}: Pick<ServerImageArgs, "buildArgs" | "target">): ArgProblem[] {
    const problems: ArgProblem[] = [];
    for (const [name, value] of Object.entries(buildArgs)) {
        const path = `buildArgs.${name}`;
        if (!isVariableName(name)) {
            problems.push({ path, reason: `must be the name of a variable, got '${name}'` });
        }
        // Programs in JavaScript, or in other languages, are not held to types.
        if (typeof value !== "string") {
            const reason =
                "must be a plain text, as image and state show it to every reader, got a secret or a value that is " +
                "not known yet; pass secrets to the server when it runs: 'secrets'";
            problems.push({ path, reason });
        }
    }
    if (target !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(target)) {
        problems.push({ path: "target", reason: `must be the name of a stage, got '${target}'` });
    }
    return problems;
}

/** Refuses an image of nothing, of two things at once, and one that cannot be built. */
export function findContextProblems(args: ServerImageArgs): ArgProblem[] {
    const { directory, package: source } = args;
    const choice = findChoiceProblems("source", args, ["directory", "package"]);
    if (choice.length > 0) return choice;
    return directory === undefined
        ? findPackageProblems("package", source ?? {})
        : findDirectoryProblems("directory", directory);
}

/** Refuses a directory that cannot be built. */
export function findDirectoryProblems(path: string, directory: string): ArgProblem[] {
    if (!existsSync(directory) || !statSync(directory).isDirectory()) {
        return [{ path, reason: `must be a directory that exists, got '${directory}'` }];
    }
    const dockerfile = join(directory, "Dockerfile");
    return existsSync(dockerfile)
        ? []
        : [{ path, reason: `must hold a Dockerfile, got '${directory}'; create '${dockerfile}'` }];
}

/** Refuses an address that cannot be the start of an image name. */
export function findRegistryProblems(address: string): ArgProblem[] {
    const host = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?";
    return new RegExp(`^${host}(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`).test(address)
        ? []
        : [
              {
                  path: "address",
                  reason: `must be a host with optional port and path, without scheme, got '${address}'`,
              },
          ];
}

/** Refuses registries that nodes could not distinguish, as logins are per host, and one without a login. */
export function findPullRegistryProblems({
    registry,
    pullRegistries = [],
}: PullRegistries): ArgProblem[] {
    const hosts: (string | undefined)[] = [registry?.address].map(plainHost);
    return pullRegistries.flatMap(({ address, username, password }, index) => {
        const path = `pullRegistries[${index}]`;
        const problems = problemsUnder(path, findInputProblems(address, findRegistryProblems));
        const host = plainHost(address);
        if (host !== undefined && hosts.includes(host)) {
            const reason = `must have a host of its own, as logins are per host, got '${host}' again`;
            problems.push({ path: `${path}.address`, reason });
        }
        hosts.push(host);
        if (username === undefined || password === undefined) {
            const missing = username === undefined ? "username" : "password";
            const reason = "must be given, as nodes pull without login otherwise, got none";
            problems.push({ path: `${path}.${missing}`, reason });
        }
        return problems;
    });
}

function plainHost(address: pulumi.Input<string> | undefined): string | undefined {
    return typeof address === "string" ? hostOf(address) : undefined;
}
