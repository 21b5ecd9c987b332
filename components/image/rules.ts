import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import type { ArgProblem } from "../problems/argProblem.ts";
import type { RegistryArgs } from "./args.ts";

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
export function findRegistryProblems({ address }: Pick<RegistryArgs, "address">): ArgProblem[] {
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
