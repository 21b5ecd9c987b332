import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** An invalid command line; the message has the usage. */
export class UsageError extends Error {}

/** Parses the command line of a script. Throws `UsageError` with the script's usage when it is invalid. */
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
    const parsed = parse();
    const count = parsed.positionals.length;
    if (count < positionals.min || count > positionals.max) {
        throw new UsageError(
            `expected ${positionals.min} to ${positionals.max} arguments, got ${count}\nusage: ${usage}`,
        );
    }
    return parsed;
}
