import type { ArgProblem } from "../../problems/argProblem.ts";
import { findNameProblems } from "../../problems/values.ts";
import { IngressFlavor } from "./args.ts";

/** The arguments that the rules check, beside address and routes. */
export interface CheckedIngress {
    flavor: string;
    ingressClassName?: string;
}

/** Refuses a controller that is not known. */
export function findIngressGatewayProblems({
    flavor,
    ingressClassName,
}: CheckedIngress): ArgProblem[] {
    const known: string[] = Object.values(IngressFlavor);
    const choices = known.map((name) => `'${name}'`).join(" or ");
    return [
        ...(known.includes(flavor)
            ? []
            : [{ path: "flavor", reason: `must be ${choices}, got '${flavor}'` }]),
        ...(ingressClassName === undefined
            ? []
            : findNameProblems("ingressClassName", ingressClassName, 63)),
    ];
}
