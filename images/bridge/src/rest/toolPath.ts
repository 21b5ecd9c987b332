/** Where the tools are, below the façade's root. */
export const toolsPrefix = "/tools/";

/**
 * The path of a tool. Undefined for the few names that no path can carry: clients take `.` and `..` for steps, and a lone
 * surrogate has no UTF-8. Such a tool is called by `/call`.
 */
export function buildToolPath(name: string): string | undefined {
    return name === "" || name === "." || name === ".." || !name.isWellFormed()
        ? undefined
        : toolsPrefix + encodeURIComponent(name);
}

/**
 * The tool a path names. Slashes need not be encoded: gateways decode them.
 *
 * @param path begins with `toolsPrefix`
 * @returns undefined when the path is not valid percent-encoding
 */
export function readToolName(path: string): string | undefined {
    try {
        return decodeURIComponent(path.slice(toolsPrefix.length));
    } catch {
        return undefined;
    }
}
