/** Longest text of a client in a log or a trace, in characters: names of tools are at most 128. */
const maxLength = 256;

/**
 * What a request asked for, fit for logs and traces: an address without its user, query and fragment, where secrets are
 * passed, and cut like all text of a client.
 */
export function publicName(method: string, name: string): string {
    return clip(method.startsWith("resources/") ? hideSecrets(name) : name);
}

/** Cuts a text that a client chose after 256 characters. */
export function clip(text: string): string {
    return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

function hideSecrets(uri: string): string {
    const end = uri.search(/[?#]/);
    const path = end === -1 ? uri : uri.slice(0, end);
    return path.replace(/^([^:/]+:\/\/)[^/]*@/, "$1");
}
