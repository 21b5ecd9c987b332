const hidden = "[hidden]";

/** What looks like a secret, with what stands in its place. None takes time that grows faster than the text. */
const rules: [RegExp, string][] = [
    // User and password of an address, then its query, in which keys are passed.
    [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{0,2000}@/gi, `$1${hidden}@`],
    [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#"'<>]{0,2000})[?#][^\s"'<>]*/gi, `$1?${hidden}`],
    [/\b(bearer|basic|digest)\s+[\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
    [/\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g, hidden],
    // "api_key": "…", PASSWORD=…, token: …
    [
        /((?:pass(?:word|wd|phrase)?|secret|token|api[-_ ]?key|authorization|cookie|credentials?|private[-_ ]?key)[\w-]{0,20}["']?\s{0,3}[:=]\s{0,3})("[^"]*"|'[^']*'|[^\s,;&)}\]]+)/gi,
        `$1${hidden}`,
    ],
    [/\b(?:sk|pk|rk|gh[oprsu]|glpat|xox[abprs]|AKIA|AIza)[-_A-Za-z0-9]{12,}/g, hidden],
];

/**
 * A line without what looks like a secret: credentials and queries of addresses, tokens, and values that are named as
 * secrets are. A secret that looks like any other text stays.
 */
export function redactLine(line: string): string {
    return rules.reduce((text, [form, instead]) => text.replace(form, instead), line);
}
