import { createHash, randomUUID } from "node:crypto";

/**
 * Id of a new entity: the same one each time for a resource of one state, so that a creation that was interrupted before
 * the engine knew of it is found again. Resources of another state, even of the same name, have other ids.
 *
 * @param fixed - The properties whose change replaces the entity, which gives it another id.
 * @param state - What tells the state of the stack from all others; ids are random without it.
 */
export function chooseId(
    urn: string,
    fixed: readonly unknown[],
    state = process.env["SLIPWAY_STATE_ID"] ?? "",
): string {
    if (state === "") return randomUUID();
    const digest = createHash("sha256")
        .update(JSON.stringify([state, fixed, urn]))
        .digest("hex");
    const groups = /^(.{8})(.{4})(.{3})(.{3})(.{12})/.exec(digest)!;
    const [, first, second, third, fourth, fifth] = groups;
    // Version 8, whose bits are the maker's (RFC 9562).
    return `${first}-${second}-8${third}-8${fourth}-${fifth}`;
}
