import type { ArgProblem } from "../components/problems/argProblem.ts";
import { findNearest } from "../components/problems/didYouMean.ts";
import { serverSettings } from "./serverSettings.ts";
import { stackSettings } from "./stackSettings.ts";

const keys = [...Object.keys(stackSettings.shape), "registryPassword"];

/** Refuses keys of the stack that nothing reads: neither this program nor, as a secret, one of its servers. */
export function findKeyProblems(
    project: string,
    given: Record<string, string>,
    servers: unknown,
): ArgProblem[] {
    const secrets = (Array.isArray(servers) ? (servers as unknown[]) : []).flatMap((server) =>
        Object.values(serverSettings.safeParse(server).data?.secrets ?? {}),
    );
    return Object.keys(given)
        .filter((key) => key.startsWith(`${project}:`))
        .map((key) => key.slice(project.length + 1))
        .filter((key) => !keys.includes(key) && !secrets.includes(key))
        .map((key) => {
            const nearest = findNearest(key, keys);
            const repair = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
            const known = keys.map((name) => `'${name}'`).join(", ");
            return {
                path: key,
                reason: `must be one of ${known} or a secret of a server, got '${key}'${repair}`,
            };
        });
}
