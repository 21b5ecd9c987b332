import type { ArgProblem } from "../problems/argProblem.ts";
import { didYouMean } from "../problems/didYouMean.ts";

/** Refuses names of servers that programs may call which the stack has not. */
export function findCalledServerProblems(called: string[], servers: string[]): ArgProblem[] {
    return called
        .filter((server) => !servers.includes(server))
        .map((server) => ({
            path: "servers",
            reason: `must name servers of this stack, got '${server}'${didYouMean(server, servers)}`,
        }));
}
