/** Whether a content type is JSON, whatever its parameters. */
export function isJson(contentType: string | undefined): boolean {
    return (
        contentType === "application/json" ||
        (contentType !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType))
    );
}
