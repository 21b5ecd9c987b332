import { parseArgs } from "node:util";
import { optionTable, type BridgeOptions } from "./bridgeOptions.ts";
import { findOptionProblems } from "./optionRules.ts";

/**
 * Reads the bridge's options; a flag wins over its variable.
 *
 * @param args what follows the program's name
 * @returns the options, "help", or everything that is wrong
 */
export function readOptions(
    args: string[],
    environment: NodeJS.ProcessEnv,
): BridgeOptions | "help" | { problems: string[] } {
    const end = args.indexOf("--");
    const [own, command] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
    const flags = Object.values(optionTable).map(({ flag }) => [flag, { type: "string" }] as const);
    let values: Record<string, string | boolean | undefined>;
    try {
        const options = { ...Object.fromEntries(flags), help: { type: "boolean" as const } };
        ({ values } = parseArgs({ args: own, options, allowPositionals: false }));
    } catch (error) {
        return { problems: [`${(error as Error).message}; put the server's command after '--'`] };
    }
    if (values.help === true) {
        return "help";
    }

    const problems: string[] = [];
    const options: Record<string, unknown> = { command };
    for (const [name, { flag, variable, parse }] of Object.entries(optionTable)) {
        const text = (values[flag] as string | undefined) ?? environment[variable] ?? "";
        const parsed = parse(text, environment);
        if ("problem" in parsed) {
            problems.push(`--${flag} (${variable}): ${parsed.problem}`);
        } else {
            options[name] = parsed.value;
        }
    }
    const read = options as unknown as BridgeOptions;
    read.server ||= command[0] ?? "";
    if (read.issuer && (values.identity ?? environment.SLIPWAY_IDENTITY ?? "") === "") {
        read.identity = "token";
    }
    problems.push(...findOptionProblems(read));
    return problems.length > 0 ? { problems } : read;
}
