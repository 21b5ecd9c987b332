import type { ArgProblem } from "../problems/argProblem.ts";
import type { Exposure } from "./gateway.ts";

/** What can be wrong with a gateway beside its address and routes. */
export interface CheckedGateway {
    exposure: Exposure;
    routes?: unknown[];
    replicas?: number;
}

/** Refuses a gateway that Kubernetes would refuse later. */
export function findGatewayProblems(gateway: CheckedGateway): ArgProblem[] {
    const { exposure, routes, replicas = 1 } = gateway;
    const problems: ArgProblem[] = [];
    if ("nodePort" in exposure && !isWithin(exposure.nodePort, 30000, 32767)) {
        const reason = `must be 30000 to 32767, as Kubernetes has it, got ${exposure.nodePort}`;
        problems.push({ path: "exposure.nodePort", reason });
    }
    if (!isWithin(replicas, 1, 100)) {
        problems.push({ path: "replicas", reason: `must be 1 to 100, got ${replicas}` });
    }
    if (routes?.length === 0) {
        problems.push({ path: "routes", reason: "must have at least one route, got none" });
    }
    return problems;
}

function isWithin(value: number, least: number, most: number): boolean {
    return Number.isInteger(value) && value >= least && value <= most;
}
