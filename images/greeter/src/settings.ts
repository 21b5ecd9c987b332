/** What the environment says. */
export interface Settings {
    port: number;
    allowedHosts: string[];
    allowedOrigins: string[];
    requestsPerMinute: number;
    /** Texts of the tools, with `{userName}`; a wrong one makes its server fail, and only that one. */
    greetText: string;
    byeText: string;
}

/** Reads the settings; gives every problem at once. */
export function readSettings(environment: Record<string, string | undefined>): {
    settings: Settings;
    problems: string[];
} {
    const problems: string[] = [];
    const readNumber = (name: string, fallback: number, max: number): number => {
        const text = environment[name] ?? String(fallback);
        if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > max) {
            problems.push(`${name}: must be a whole number from 1 to ${max}, got '${text}'`);
        }
        return Number(text);
    };
    const readList = (name: string): string[] =>
        (environment[name] ?? "").split(",").filter((entry) => entry !== "");
    const settings = {
        port: readNumber("PORT", 8000, 65_535),
        requestsPerMinute: readNumber("REQUESTS_PER_MINUTE", 6000, 1_000_000),
        allowedHosts: readList("ALLOWED_HOSTS"),
        allowedOrigins: readList("ALLOWED_ORIGINS"),
        greetText: environment["GREET_TEXT"] ?? "Hello, {userName}!",
        byeText: environment["BYE_TEXT"] ?? "Bye, {userName}!",
    };
    for (const origin of settings.allowedOrigins) {
        if (origin !== "*" && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
            const rule = "'*' or origins such as 'https://app.example.org'";
            problems.push(`ALLOWED_ORIGINS: must be ${rule}, got '${origin}'`);
        }
    }
    return { settings, problems };
}
