import * as pulumi from "@pulumi/pulumi";

/** One invalid argument: where it is, and what would make it valid. */
export interface ArgProblem {
    /** Path as the caller wrote it, e.g. `replicas.max`. */
    path: string;
    /** What must hold, what was given and how to repair it, as one sentence without a final stop. */
    reason: string;
}

/** The same problems with `path` in front of their own paths. */
export function problemsUnder(path: string, problems: ArgProblem[]): ArgProblem[] {
    return problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
}

/** One line per problem, to be shown below a heading. */
export function describeProblems(problems: ArgProblem[]): string {
    return problems.map(({ path, reason }) => `  - ${path}: ${reason}`).join("\n");
}

/** Refuses `component` when any argument is invalid, listing every problem. */
export function refuseInvalidArgs(
    component: pulumi.ComponentResource,
    problems: ArgProblem[],
): void {
    if (problems.length > 0) {
        // The stack trace only shows this function; without it, component and reasons stay on screen.
        throw new pulumi.ResourceError(
            `invalid arguments\n${describeProblems(problems)}`,
            component,
            true,
        );
    }
}
