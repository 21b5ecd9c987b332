import { isValues, objectOf, textOf } from "../providers/protocol/values.ts";
import type { Value, Values } from "../providers/protocol/values.ts";

export interface Condition {
    type: string;
    status: string;
    reason: string;
    message: string;
}

/** The conditions in an object's status. */
export function conditionsOf(object: Values): Condition[] {
    return objectsOf(objectOf(object, "status"), "conditions").map((condition) => ({
        type: textOf(condition, "type") ?? "",
        status: textOf(condition, "status") ?? "",
        reason: textOf(condition, "reason") ?? "",
        message: textOf(condition, "message") ?? "",
    }));
}

/** The condition of a type; undefined when there is none. */
export function conditionOf(object: Values, type: string): Condition | undefined {
    return conditionsOf(object).find((condition) => condition.type === type);
}

/** The objects of a list property. */
export function objectsOf(values: Values, key: string): Values[] {
    const value: Value | undefined = values[key];
    return Array.isArray(value) ? value.filter(isValues) : [];
}

/** A number of a status; 0 when absent. */
export function countOf(values: Values, key: string): number {
    const value = values[key];
    return typeof value === "number" ? value : 0;
}
