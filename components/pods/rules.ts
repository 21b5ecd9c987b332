import type { ArgProblem } from "../problems/argProblem.ts";
import { isPort } from "../problems/values.ts";
import type { ClusterDns } from "./network.ts";

/** Refuses a domain that no name can end with, and ports that are none. */
export function findClusterDnsProblems({ clusterDomain, dnsPorts }: ClusterDns): ArgProblem[] {
    const problems: ArgProblem[] = [];
    const label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    if (
        clusterDomain !== undefined &&
        !new RegExp(`^(?=.{1,150}$)${label}([.]${label})*$`).test(clusterDomain)
    ) {
        const repaired = clusterDomain.toLowerCase().replace(/^[.]+|[.]+$/g, "");
        const repair = repaired === "" ? "" : `; did you mean '${repaired}'?`;
        const reason = `must be a DNS domain such as 'cluster.local', got '${clusterDomain}'${repair}`;
        problems.push({ path: "clusterDomain", reason });
    }
    if (dnsPorts?.length === 0) {
        problems.push({ path: "dnsPorts", reason: "must have at least one port, got none" });
    }
    for (const port of (dnsPorts ?? []).filter((port) => !isPort(port))) {
        problems.push({ path: "dnsPorts", reason: `must be 1 to 65535, got ${port}` });
    }
    return problems;
}
