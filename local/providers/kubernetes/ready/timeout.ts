import type { Values } from "../../protocol/values.ts";
import { annotationOf } from "../manifest.ts";

/** The official provider's default, in seconds. */
const defaultSeconds = 600;

/** Time limit for an object to become ready, in milliseconds: its annotation, `customTimeouts`, or ten minutes. */
export function timeoutMs(object: Values, customSeconds: number): number {
    const annotated = Number(annotationOf(object, "pulumi.com/timeoutSeconds"));
    const seconds = annotated > 0 ? annotated : customSeconds > 0 ? customSeconds : defaultSeconds;
    return seconds * 1000;
}
