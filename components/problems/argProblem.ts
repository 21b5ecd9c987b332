import * as pulumi from "@pulumi/pulumi";

/** One argument that cannot work: where it is, and what would make it right. */
export interface ArgProblem {
    /** Path as the caller wrote it, e.g. `replicas.max`. */
    path: string;
    /** What must hold, what came and how to repair it, as one sentence without a final stop. */
    reason: string;
}

/** The same problems, seen from the object that holds the arguments under `path`. */
export function problemsUnder(path: string, problems: ArgProblem[]): ArgProblem[] {
    return problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
}

/** One line a problem, as they are shown below a heading. */
export function describeProblems(problems: ArgProblem[]): string {
    return problems.map(({ path, reason }) => `  - ${path}: ${reason}`).join("\n");
}

/** Refuses `component` when any argument is wrong, naming every problem at once. */
export function refuseInvalidArgs(
    component: pulumi.ComponentResource,
    problems: ArgProblem[],
): void {
    if (problems.length > 0) {
        // The stack only shows this function; hiding it leaves the component and the reasons on screen.
        throw new pulumi.ResourceError(
            `invalid arguments\n${describeProblems(problems)}`,
            component,
            true,
        );
    }
}
