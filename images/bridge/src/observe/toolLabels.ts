import type { CallOutcome } from "../calls/callRecord.ts";

/** Stands for every name that gets no series of its own. */
export const other = "other";

/** Most tools with series of their own. */
const maxTools = 200;
/** Longest name of a tool, by MCP 2026-07-28. */
const maxLength = 128;

/**
 * Label values for tools. Clients choose the names they call, so a name gets its own label only once it is known to be a
 * tool's, and at most 200 do.
 *
 * @param isTool tells whether the server has a tool of that name; undefined when that is not known (yet). Then a name is
 * a tool's once a call of it succeeded: calls of unknown tools fail.
 */
export function createToolLabels(
    isTool: (name: string) => boolean | undefined = () => undefined,
): (name: string | undefined, outcome: CallOutcome) => string {
    const labels = new Set<string>();
    return (name, outcome) => {
        if (name === undefined) {
            return other;
        }
        if (labels.has(name)) {
            return name;
        }
        if (labels.size >= maxTools || name.length > maxLength) {
            return other;
        }
        if (!(isTool(name) ?? (outcome === "ok" || outcome === "input_required"))) {
            return other;
        }
        labels.add(name);
        return name;
    };
}
