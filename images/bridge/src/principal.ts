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

/** Names a principal among all; undefined for one of whom nothing is known. */
export function principalKey({ subject, client }: Principal): string | undefined {
    return subject === undefined ? undefined : JSON.stringify([subject, client ?? ""]);
}
