/** Types that a client is asked to take. */
type Type = "application/json" | "text/event-stream";

/** The last answer for each type: clients send few different values, and each is compared on every request. */
const last: Record<Type, { accept: string; answer: boolean }> = {
    "application/json": { accept: "*/*", answer: true },
    "text/event-stream": { accept: "*/*", answer: true },
};

/** Whether a client with this `Accept` takes `type`; one that does not say takes anything. */
export function accepts(accept: string | undefined, type: Type): boolean {
    if (accept === undefined) {
        return true;
    }
    const known = last[type];
    if (known.accept !== accept) {
        known.answer = matches(accept, type);
        known.accept = accept;
    }
    return known.answer;
}

function matches(accept: string, type: string): boolean {
    const [family = ""] = type.split("/");
    return accept.split(",").some((entry) => {
        const range = entry.split(";")[0]?.trim().toLowerCase();
        return range === type || range === `${family}/*` || range === "*/*";
    });
}
