import { CommandError, type EngineEvent, type UpOptions } from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";

import { drawOnTerminal, noteCancellation } from "./engineCommand.ts";
import { canRedraw } from "./liveLines.ts";

/** Whether this process has printed the engine's errors. */
let shownErrors = false;

/** Sign and word of an operation on a resource that changes something. */
const operations: Record<string, [sign: string, word: string]> = {
    create: ["+", "created"],
    update: ["~", "updated"],
    delete: ["-", "deleted"],
    "create-replacement": ["+", "created in place of the former one"],
    "delete-replaced": ["-", "deleted, as another one took its place"],
    import: ["+", "imported"],
};

/** Sign of a message by its severity; others are not for the reader. */
const signs: Record<string, string> = { error: "✖", warning: "!", info: "…", "info#err": "…" };

/**
 * Options of an operation that show what the engine does: on a terminal its own display, in a log one line for each
 * resource that changes, for each step of an image build, and for each failure as soon as it is known.
 */
export function showEngine(
    onEvent: (event: EngineEvent) => void = () => undefined,
): Pick<UpOptions, "onOutput" | "onEvent" | "color"> {
    // The engine also reads the terminal's keys while it draws; without them it would print every step as text.
    const draws = canRedraw() && process.stdin.isTTY;
    shownErrors ||= draws;
    const output = new EngineOutput();
    const note = draws ? noteCancellation : output.note;
    const noteAll = (event: EngineEvent) => {
        note(event);
        onEvent(event);
    };
    return draws
        ? { onOutput: drawOnTerminal, onEvent: noteAll, color: "always" }
        : { onEvent: noteAll, color: "never" };
}

/** Prints what the engine does as lines of a log. Give its `note` to `onEvent`. */
export class EngineOutput {
    readonly #print: (line: string) => void;
    readonly #began = new Map<string, number>();
    readonly #told = new Set<string>();
    #failed = 0;

    constructor(print: (line: string) => void = (line) => console.log(line)) {
        this.#print = print;
    }

    readonly note = (event: EngineEvent): void => {
        const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
        const { diagnosticEvent, summaryEvent } = event;
        if (resourcePreEvent !== undefined) {
            this.#began.set(keyOf(resourcePreEvent.metadata), Date.now());
        }
        if (resOutputsEvent !== undefined && resOutputsEvent.planning !== true) {
            this.#noteDone(resOutputsEvent.metadata);
        }
        if (resOpFailedEvent !== undefined) this.#failed += 1;
        if (diagnosticEvent !== undefined) this.#noteWords(diagnosticEvent);
        if (summaryEvent !== undefined) this.#noteSummary(summaryEvent);
    };

    #noteDone(metadata: Step): void {
        const [sign, word] = operations[metadata.op] ?? [];
        if (sign === undefined || isOnlyGroup(metadata.type)) return;
        const began = this.#began.get(keyOf(metadata)) ?? Date.now();
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        this.#print(`${sign} ${nameOf(metadata.urn)}  ${word}  ${seconds} s`);
    }

    #noteWords({ urn = "", message, severity, ephemeral }: Diagnostic): void {
        const sign = signs[severity];
        // The engine also sends words for its developers, "debug", with the inputs of resources.
        if (sign === undefined) return;
        const text = readMessage(message);
        const name = urn === "" ? "" : nameOf(urn);
        if (ephemeral === true) {
            if (/^Step \d+\//.test(text)) this.#print(`  ${name}  ${text}`);
            return;
        }
        // A program tells of each resource that failed, whose own error is printed, in its own way.
        if (text === "" || /failed to register$|^update failed$/m.test(text)) return;
        if (severity === "error") shownErrors = true;
        if (this.#told.has(urn + text)) return;
        this.#told.add(urn + text);
        const where = /^Stack /.test(name) || name === "" ? "" : `${name}: `;
        const [first = "", ...others] = text.split("\n");
        this.#print(
            [`${sign} ${where}${first}`, ...others.map((line) => `    ${line}`)].join("\n"),
        );
    }

    #noteSummary({ resourceChanges, durationSeconds }: Summary): void {
        const counts = Object.entries(resourceChanges).map(([op, count]) => {
            return `${count} ${op === "same" ? "unchanged" : (operations[op]?.[1] ?? op)}`;
        });
        const failed = this.#failed === 0 ? [] : [`${this.#failed} failed`];
        const seconds = `in ${durationSeconds} s`;
        this.#print(`\n${[...counts, ...failed].join(", ")} ${seconds}`);
    }
}

type Step = NonNullable<EngineEvent["resOutputsEvent"]>["metadata"];
type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;
type Summary = NonNullable<EngineEvent["summaryEvent"]>;

function keyOf({ urn, op }: Step): string {
    return `${op} ${urn}`;
}

/** Kind and name of a resource. */
function nameOf(urn: string): string {
    const [, , types = "", ...name] = urn.split("::");
    return `${types.split(":").at(-1)} ${name.join("::")}`;
}

/** Components, stacks and providers are nothing of their own. */
function isOnlyGroup(type: string): boolean {
    return /^(slipway:|pulumi:)/.test(type);
}

/** The text of a message without marks of colour, and without the engine's heading and bullets. */
function readMessage(message: string): string {
    return stripVTControlCharacters(message)
        .replaceAll(/<\{%.*?%\}>/g, "")
        .split("\n")
        .filter((line) => line.trim() !== "" && !/^\d+ errors? occurred:$/.test(line.trim()))
        .map((line) => line.replace(/^\s*\* /, "").trimEnd())
        .join("\n")
        .trim();
}

/**
 * Describes an error in the words of its cause. The SDK repeats the engine's whole output twice in the message of a failed
 * command: what was printed before is not repeated, and of the rest only errors are.
 *
 * @param shown - Whether the engine's errors were printed.
 */
export function describeError(error: unknown, shown = shownErrors): string {
    if (!(error instanceof CommandError)) {
        return error instanceof Error ? error.message : String(error);
    }
    const { stdout, stderr, command } = readResult(error);
    const name = `pulumi ${/pulumi\S* (\w+(?: [a-z]\w+)?)/.exec(command)?.[1] ?? ""}`.trim();
    const [, listed] = stdout.split("Diagnostics:\n");
    if (shown) return `${name}: failed for the reasons above`;
    const [found = ""] = (listed ?? "").split(/^Resources:$|^Outputs:$/m);
    const lines = found.trimEnd().split("\n");
    // An error of the program is listed twice: as the program logged it, and as it ended.
    const isRepeated = (line: string, index: number) =>
        line.startsWith("    error: ") && line === lines[index - 1];
    const told = lines.filter((line, index) => !isRepeated(line, index));
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
