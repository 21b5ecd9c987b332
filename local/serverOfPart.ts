/**
 * The name of the server that a resource is a part of; undefined for any other resource, a server itself among them.
 *
 * @param parent - URN of its parent: the parents of what makes up a server have the server's name.
 */
export function serverOfPart(urn: string, parent: string | undefined): string | undefined {
    const types = urn.split("::")[2] ?? "";
    return types.startsWith("slipway:index:McpServer$") ? parent?.split("::").at(-1) : undefined;
}
