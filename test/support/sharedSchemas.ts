import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../local/stack.ts";

/** CustomResourceDefinitions and schemas of other projects, beside the checkout where somebody has put them. */
const directory = join(projectRoot, "../shared");

/** Path of one of the files; undefined where it is not there, as on machines that have the repository alone. */
export function findShared(file: string): string | undefined {
    const path = join(directory, file);
    return existsSync(path) ? path : undefined;
}

/** A JSON file of them. */
export function readSharedJson(file: string): unknown {
    const path = findShared(file);
    return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8"));
}
