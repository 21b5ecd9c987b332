import { CommandError } from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";

/** The heading under which the engine gathers all errors and warnings at its end. */
const heading = "Diagnostics:";

/**
 * Prints the engine's output with every failure once, under its heading: the engine also repeats it in each line of the
 * resource. Give its `write` to `onOutput`.
 */
export class EngineOutput {
    readonly #print: (text: string) => void;
    #rest = "";
    #before = "";

    constructor(print: (text: string) => void = (text) => void process.stdout.write(text)) {
        this.#print = print;
    }

    readonly write = (text: string): void => {
        const lines = (this.#rest + text).split("\n");
        this.#rest = lines.pop() ?? "";
        for (const line of lines) {
            if (stripVTControlCharacters(line) === heading) shownDiagnostics = true;
            const kept = this.#isRepeated(line) ? undefined : withoutError(line);
            if (kept !== undefined) this.#print(`${kept}\n`);
        }
    };

    /** An error of the program is listed twice: as the program logged it, and as it ended. */
    #isRepeated(line: string): boolean {
        const repeated = isError(line) && line === this.#before;
        this.#before = line;
        return repeated;
    }
}

function isError(line: string): boolean {
    return /^ {4}error: /.test(stripVTControlCharacters(line));
}

/** Whether this process has printed the engine's errors. */
let shownDiagnostics = false;

/** A resource's line without its error; undefined when the error is all its news. */
function withoutError(line: string): string | undefined {
    const plain = stripVTControlCharacters(line);
    // ` +  TYPE NAME creating (3s) error: …`, then ` +  TYPE NAME **creating failed** error: …`.
    const [, status] = /^(.*?(?:\(\d[\d.]*s\)|\*\*)) (?:error: .*|\d+ errors?)$/.exec(plain) ?? [];
    if (status === undefined) return line;
    return status.endsWith("**") ? status : undefined;
}

/**
 * Describes an error in the words of its cause. The SDK repeats the engine's whole output twice in the message of a failed
 * command: what was printed before is not repeated, and of the rest only errors are.
 *
 * @param shown - Whether the engine's errors were printed.
 */
export function describeError(error: unknown, shown = shownDiagnostics): string {
    if (!(error instanceof CommandError)) {
        return error instanceof Error ? error.message : String(error);
    }
    const { stdout, stderr, command } = readResult(error);
    const name = `pulumi ${/pulumi\S* (\w+(?: [a-z]\w+)?)/.exec(command)?.[1] ?? ""}`.trim();
    const [, listed] = stdout.split(`${heading}\n`);
    if (listed !== undefined && shown) return `${name}: failed, see '${heading}' above`;
    const [found = ""] = (listed ?? "").split(/^Resources:$|^Outputs:$/m);
    const lines = found.trimEnd().split("\n");
    const told = lines.filter((line, index) => !isError(line) || line !== lines[index - 1]);
    const cause = [told.join("\n"), stderr.trim()].filter((text) => text !== "").join("\n");
    return `${name}: ${cause === "" ? stdout.trim() || error.message : cause}`;
}

/** What the command printed, which the SDK's error has in fields that its types leave out. */
function readResult(error: CommandError): { stdout: string; stderr: string; command: string } {
    const { commandResult } = error as unknown as {
        commandResult: {
            stdout: string;
            stderr: string;
            err?: { stdout?: string; stderr?: string; command?: string };
        };
    };
    const { stdout, stderr, err = {} } = commandResult;
    return {
        stdout: stripVTControlCharacters(err.stdout ?? stdout),
        stderr: stripVTControlCharacters(err.stderr ?? stderr),
        command: err.command ?? "",
    };
}
