/** Renders `--name=value` for each entry. */
export function flags(values: Record<string, string>): string[] {
    return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
