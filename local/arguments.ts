import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** An invalid command line; the message has the usage. */
export class UsageError extends Error {}

/** What each option does, for `--help`. */
const explanations: Record<string, string> = {
    context: "a context of your kubeconfig, instead of the embedded platform",
    stack: "the stack of the file Pulumi.NAME.yaml, instead of 'dev'",
    refresh: "also put back what was changed or removed by hand",
    platform: "also remove the embedded platform with the data of all its stacks",
    remove: "also forget the stack: its state, its history and its secrets, but not its file",
    base: "compare with where this branch has left BRANCH; exit code 0, 1 or 2: same, changed or failed",
    markdown: "also write the comparison to FILE",
    attacks: "attack the gateway with the table of verify/attacks",
    url: "attack this URL, with the token in ACCESS_TOKEN, instead of a stack",
    json: "print JSON; with 'npm run --silent', nothing else",
    "show-secrets": "also print secret outputs",
    "show-secret": "also print the client's secret",
    language: "'typescript' or 'python'",
    transport: "'http' or 'stdio'",
    raw: "print the access token alone",
    follow: "print further lines as they come",
    previous: "print the log of each container that ran before the present one",
    lines: "how many of the last lines to print of each container, instead of 100",
};

/** The text that `--help` prints. */
export function describeUsage(usage: string, options: Options): string {
    const names = Object.keys(options).filter((name) => name !== "help");
    const width = Math.max(...names.map((name) => name.length));
    const lines = names.map((name) => `  --${name.padEnd(width)}  ${explanations[name] ?? ""}`);
    return [`usage: ${usage}`, ...lines].join("\n");
}

/**
 * Parses the command line of a script. Throws `UsageError` with the script's usage when it is invalid. `--help` prints the
 * usage and ends the process.
 */
export function readArguments<T extends Options>(
    usage: string,
    options: T,
    positionals: { min: number; max: number } = { min: 0, max: 0 },
) {
    const parse = () => {
        try {
            return parseArgs({ options, allowPositionals: positionals.max > 0, strict: true });
        } catch (error) {
            throw new UsageError(`${(error as Error).message}\nusage: ${usage}`, { cause: error });
        }
    };
    if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
        console.log(describeUsage(usage, options));
        process.exit(0);
    }
    const parsed = parse();
    const count = parsed.positionals.length;
    if (count < positionals.min || count > positionals.max) {
        throw new UsageError(
            `expected ${positionals.min} to ${positionals.max} arguments, got ${count}\nusage: ${usage}`,
        );
    }
    return parsed;
}
