import type { ArgProblem } from "./argProblem.ts";

const digestPattern = /@sha256:[0-9a-f]{64}$/;
const semanticTagPattern = /^v?\d+(\.\d+){0,3}([-+._][0-9A-Za-z][0-9A-Za-z.+_-]*)?$/;

/** Refuses a reference that may mean another image tomorrow: no tag, `latest`, or a tag that is no version. */
export function findImageProblems(path: string, reference: string): ArgProblem[] {
    if (digestPattern.test(reference)) {
        return [];
    }
    const lastPart = reference.slice(reference.lastIndexOf("/") + 1);
    const [, tag] = lastPart.split(":");
    if (tag !== undefined && tag !== "latest" && semanticTagPattern.test(tag)) {
        return [];
    }
    const got = tag === undefined ? `no tag in '${reference}'` : `'${reference}'`;
    return [
        {
            path,
            reason: `must end with a version tag such as ':1.4.0' or a digest '@sha256:…', got ${got}`,
        },
    ];
}
