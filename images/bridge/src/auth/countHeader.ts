/**
 * How often a request carries a header. Node shows only the first one or all of them joined, and whoever is in front
 * may have looked at another.
 *
 * @param name in lower case
 */
export function countHeader(rawHeaders: readonly string[], name: string): number {
    let count = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
        const field = rawHeaders[index] ?? "";
        if (field.length === name.length && field.toLowerCase() === name) {
            count++;
        }
    }
    return count;
}
