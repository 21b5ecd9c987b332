/** Whether no two items are equal as JSON; takes time in proportion to their length. */
export function isUnique(items: readonly unknown[]): boolean {
    const seen = new Set<string>();
    for (const item of items) {
        seen.add(canonicalize(item));
    }
    return seen.size === items.length;
}

/** A text that two JSON values share only when they are equal: properties have no order. */
function canonicalize(value: unknown): string {
    if (typeof value !== "object" || value === null) {
        return JSON.stringify(value);
    }
    if (Array.isArray(value)) {
        return `[${value.map(canonicalize).join()}]`;
    }
    const entries = Object.entries(value);
    if (entries.length > 1) {
        entries.sort(([a], [b]) => (a < b ? -1 : 1));
    }
    return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalize(inner)}`).join()}}`;
}
