/**
 * Whether a name is one a pattern means: `*` stands for any text, everything else for itself. No regular expression: a
 * caller chooses the name, and several `*` would let it choose how long that takes.
 */
export function matchesPattern(pattern: string, name: string): boolean {
    const [first = "", ...rest] = pattern.split("*");
    const last = rest.pop();
    if (last === undefined) {
        return name === pattern;
    }
    const end = name.length - last.length;
    if (!name.startsWith(first) || !name.endsWith(last) || first.length > end) {
        return false;
    }
    // The leftmost place of each part leaves the most room for the next.
    let from = first.length;
    for (const part of rest) {
        const found = name.indexOf(part, from);
        if (found === -1 || found + part.length > end) {
            return false;
        }
        from = found + part.length;
    }
    return true;
}
