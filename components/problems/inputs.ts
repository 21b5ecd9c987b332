import * as pulumi from "@pulumi/pulumi";

import { type ArgProblem, refuseInvalidArgs } from "./argProblem.ts";

/** Whether a value is known before the engine runs: neither it nor a part of it is an Output or a promise. */
export function isPlain<T>(value: pulumi.Input<T>): value is pulumi.Input<T> & T {
    if (typeof value !== "object" || value === null) {
        return true;
    }
    return (
        !pulumi.Output.isInstance(value) &&
        !(value instanceof Promise) &&
        Object.values(value).every(isPlain)
    );
}

/** Problems of an input that is plain; none while its value is not known. */
export function findInputProblems<T>(
    input: pulumi.Input<T> | undefined,
    find: (value: pulumi.Unwrap<T>) => ArgProblem[],
): ArgProblem[] {
    return input !== undefined && isPlain<T>(input) ? find(input as pulumi.Unwrap<T>) : [];
}

/**
 * The same input for the children of `component`: one that is not plain is refused, with the message that a plain one
 * gets, once its value is known and has problems. No child that uses it is created then.
 */
export function checkInput<T>(
    component: pulumi.ComponentResource,
    input: pulumi.Input<T>,
    find: (value: pulumi.Unwrap<T>) => ArgProblem[],
): pulumi.Input<T> {
    if (isPlain<T>(input)) {
        return input;
    }
    const checked = pulumi.output(input).apply((value) => {
        refuseInvalidArgs(component, find(value));
        return value;
    });
    return checked as pulumi.Output<T>;
}
