import type { ArgProblem } from "../../problems/argProblem.ts";
import { findInputProblems } from "../../problems/inputs.ts";
import { isPort } from "../../problems/values.ts";
import type { EgressRule, IngressRule } from "./settings.ts";

/** Refuses a destination that a NetworkPolicy cannot express. */
export function findEgressProblems(rule: EgressRule, index: number): ArgProblem[] {
    const { cidr, except, namespace, pods, ports = [] } = rule;
    const path = `egress[${index}]`;
    const selectsPods = namespace !== undefined || pods !== undefined;
    const problems: ArgProblem[] = [];
    if ((cidr === undefined) === !selectsPods) {
        const reason = `must have either cidr or pods/namespace, got ${cidr === undefined ? "neither" : "both"}`;
        problems.push({ path, reason });
    }
    problems.push(...findInputProblems(cidr, (known) => findCidrProblems(known, index)));
    if (except !== undefined && cidr === undefined) {
        problems.push({ path: `${path}.except`, reason: "must go with cidr, got no cidr" });
    }
    for (const port of ports.filter((port) => !isPort(port))) {
        problems.push({ path: `${path}.ports`, reason: `must be 1 to 65535, got ${port}` });
    }
    return problems;
}

/** Refuses addresses without a mask. */
export function findCidrProblems(cidr: string, index: number): ArgProblem[] {
    const reason = `must be addresses with a mask, got '${cidr}'; a single one is '${cidr}/32'`;
    return /^[0-9a-f.:]+\/\d{1,3}$/i.test(cidr) ? [] : [{ path: `egress[${index}].cidr`, reason }];
}

/** Refuses a rule that names no pods. */
export function findIngressProblems({ namespace, pods }: IngressRule, index: number): ArgProblem[] {
    return namespace === undefined && pods === undefined
        ? [{ path: `ingress[${index}]`, reason: "must have pods or namespace, got neither" }]
        : [];
}
