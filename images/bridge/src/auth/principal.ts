/** Who calls. */
export interface Principal {
    /** The user, or the client that acts for itself; undefined when nothing tells who calls. */
    subject: string | undefined;
    /** The client that calls for the subject. */
    client: string | undefined;
    /** What the caller's token allows; undefined when nothing tells. */
    scopes: readonly string[] | undefined;
}

/** A caller of whom nothing is known. */
export const anonymous: Principal = { subject: undefined, client: undefined, scopes: undefined };

/** A known caller is the same object for as long as its token is remembered, so it is named once. */
const names = new WeakMap<Principal, string>();

/** Names a principal among all; undefined for one of whom nothing is known. */
export function principalKey(principal: Principal): string | undefined {
    const { subject, client } = principal;
    if (subject === undefined) {
        return undefined;
    }
    let name = names.get(principal);
    if (name === undefined) {
        name = JSON.stringify([subject, client ?? ""]);
        names.set(principal, name);
    }
    return name;
}
