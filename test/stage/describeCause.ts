/** The message of an error with those of its causes: `fetch failed` alone tells nobody what was wrong. */
export function describeCause(error: unknown): string {
    const messages: string[] = [];
    for (let one: unknown = error; one instanceof Error; one = one.cause) {
        const text =
            one.message === "" ? ((one as { code?: string }).code ?? one.name) : one.message;
        if (!messages.some((known) => known.includes(text))) messages.push(text);
    }
    return messages.length === 0 ? String(error) : messages.join(": ");
}
