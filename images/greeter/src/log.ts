/** Writes one event as a JSON line to stderr. Never given arguments of tools, bodies or tokens. */
export function log(
    level: "info" | "warn" | "error",
    event: string,
    fields: Record<string, unknown> = {},
): void {
    const line = { time: new Date().toISOString(), level, event, ...fields };
    process.stderr.write(`${JSON.stringify(line)}\n`);
}
