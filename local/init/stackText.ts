import {
    type Document,
    isMap,
    isScalar,
    isSeq,
    parseDocument,
    stringify,
    type YAMLSeq,
} from "yaml";

import type { ArgProblem } from "../../components/problems/argProblem.ts";

const prefix = "slipway:";
const serversKey = `${prefix}servers`;
const identityKey = `${prefix}identity`;

/** A stack's file, read to be extended. */
export interface StackText {
    text: string;
    /** Values of the project's keys, without their prefix. */
    settings: Record<string, unknown>;
    /** Name of the first machine client; undefined when there is none. */
    client: string | undefined;
}

/** Reads a stack's file, or says why no server can be added to it. */
export function readStackText(text: string): StackText | { problem: ArgProblem } {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error !== undefined) {
        return refuse("YAML", `must be valid, got: ${error.message.split("\n")[0]}`);
    }
    const servers = document.getIn(["config", serversKey], true);
    if (!isSeq(servers) || servers.items.length === 0 || servers.flow === true) {
        return refuse(
            serversKey,
            "must be a list with one line '- name: …' per server, to which another can be added; write it so",
        );
    }
    const { config } = document.toJS() as { config: Record<string, unknown> };
    const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
    return {
        text,
        settings: Object.fromEntries(
            own.map(([key, value]) => [key.slice(prefix.length), value] as const),
        ),
        client: findClient(document),
    };
}

function findClient(document: Document.Parsed): string | undefined {
    const name: unknown = document.getIn(["config", identityKey, "clients", 0, "name"], true);
    return isScalar(name) ? String(name.value) : undefined;
}

const refuse = (path: string, reason: string) => ({ problem: { path, reason } });

/**
 * Adds a server to a stack's file, and to the servers that its first machine client may call. All other text, comments
 * included, stays as it is.
 */
export function addToStackFile({ text, client }: StackText, entry: { name: string }): string {
    const added = insertItem(text, findSeq(text, ["config", serversKey])!, entry);
    if (client === undefined) return added;
    const servers = findSeq(added, ["config", identityKey, "clients", 0, "servers"]);
    return servers === undefined ? added : insertItem(added, servers, entry.name);
}

function findSeq(text: string, path: (string | number)[]): YAMLSeq | undefined {
    const found = parseDocument(text).getIn(path, true);
    return isSeq(found) ? found : undefined;
}

/** Inserts an item behind the last one of a list. */
function insertItem(text: string, list: YAMLSeq, item: unknown): string {
    const last = list.items.at(-1) as { range: [number, number, number] } | undefined;
    if (list.flow === true) {
        const value = stringify(item).trim();
        return last === undefined
            ? splice(text, list.range![0] + 1, value)
            : splice(text, last.range[1], `, ${value}`);
    }
    const first = (list.items[0] as { range: [number, number, number] }).range[0];
    const lineStart = text.lastIndexOf("\n", first) + 1;
    const indent = text.slice(lineStart, text.indexOf("-", lineStart));
    const at = findEnd(text, last!.range[1], indent.length);
    const lines = writeItem(item).map((line) => `${indent}${line}\n`);
    const before = text[at - 1] === "\n" ? "" : "\n";
    return splice(text, at, before + lines.join(""));
}

const splice = (text: string, at: number, inserted: string): string =>
    text.slice(0, at) + inserted + text.slice(at);

/** The start of the line behind a value, and behind the comments that are indented as parts of it. */
function findEnd(text: string, valueEnd: number, indent: number): number {
    const lineAfter = (from: number) => {
        const newline = text.indexOf("\n", from);
        return newline < 0 ? text.length : newline + 1;
    };
    let at = lineAfter(text.slice(0, valueEnd).trimEnd().length);
    const comment = new RegExp(`^ {${indent + 1},}#`);
    while (comment.test(text.slice(at, lineAfter(at)))) at = lineAfter(at);
    return at;
}

/** An item of a list in lines: its keys below each other, their values in one line. */
function writeItem(item: unknown): string[] {
    const document = parseDocument(stringify([item]));
    const [written] = (document.contents as YAMLSeq).items;
    if (isMap(written)) {
        for (const { value } of written.items) {
            if (!isScalar(value)) (value as { flow?: boolean }).flow = true;
        }
    }
    const text = document.toString({ lineWidth: 0 }).trimEnd();
    return text.replaceAll(/\[ (.*?) \]/g, "[$1]").split("\n");
}
