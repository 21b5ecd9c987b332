/** Answers so far; clients send few different values, and each is compared on every request. */
const known = new Map<string, boolean>();
const knownLimit = 200;

/** Whether a client with this `Accept` takes `type`; one that does not say takes anything. */
export function accepts(accept: string | undefined, type: string): boolean {
    if (accept === undefined) {
        return true;
    }
    const key = `${type} ${accept}`;
    let answer = known.get(key);
    if (answer === undefined) {
        answer = matches(accept, type);
        if (known.size < knownLimit) {
            known.set(key, answer);
        }
    }
    return answer;
}

function matches(accept: string, type: string): boolean {
    const [family = ""] = type.split("/");
    return accept.split(",").some((entry) => {
        const range = entry.split(";")[0]?.trim().toLowerCase();
        return range === type || range === `${family}/*` || range === "*/*";
    });
}
