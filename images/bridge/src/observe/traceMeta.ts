import type { TraceMeta } from "../calls/callRecord.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../json/jsonRpc.ts";

const traceparentForm = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const stateKey = "(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})";
const stateValue = String.raw`[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]`;
const stateMember = new RegExp(`^${stateKey}=${stateValue}$`);
/** Most members of a `tracestate`, and the length that must be carried, by W3C Trace Context. */
const maxStateMembers = 32;
const maxStateLength = 512;

const token = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`;
const octets = String.raw`[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*`;
const property = `[ \\t]*;[ \\t]*${token}(?:[ \\t]*=[ \\t]*${octets})?`;
const baggageMember = new RegExp(`^${token}[ \\t]*=[ \\t]*${octets}(?:${property})*$`);
/** Most members and the length that must be carried, by W3C Baggage. */
const maxBaggageMembers = 64;
const maxBaggageLength = 8192;

/**
 * What of the HTTP request's trace context its `_meta` lacks: a client's own `_meta` stands, and so does its `traceparent`
 * without a `tracestate`. Malformed headers are dropped, and a `tracestate` with its `traceparent`.
 *
 * @returns undefined when there is nothing to add
 */
export function traceMeta(
    headers: IncomingHttpHeaders,
    meta: JsonObject | undefined,
): TraceMeta | undefined {
    const { traceparent, baggage } = headers;
    if (traceparent === undefined && baggage === undefined) {
        return undefined;
    }
    let added: TraceMeta | undefined;
    if (meta?.traceparent === undefined && isTraceparent(traceparent)) {
        added = { traceparent };
        const { tracestate } = headers;
        if (meta?.tracestate === undefined && isTracestate(tracestate)) {
            added.tracestate = tracestate;
        }
    }
    if (meta?.baggage === undefined && isBaggage(baggage)) {
        added ??= {};
        added.baggage = baggage;
    }
    return added;
}

/** Whether `value` is a `traceparent` of version 00, the only one there is. */
export function isTraceparent(value: unknown): value is string {
    return typeof value === "string" && traceparentForm.test(value);
}

function isTracestate(value: unknown): value is string {
    return isList(value, maxStateLength, maxStateMembers, stateMember);
}

function isBaggage(value: unknown): value is string {
    return isList(value, maxBaggageLength, maxBaggageMembers, baggageMember);
}

function isList(value: unknown, maxLength: number, max: number, form: RegExp): value is string {
    if (typeof value !== "string" || value.length > maxLength) {
        return false;
    }
    const members = value.split(",").map(trimSpace);
    const named = members.filter((member) => member !== "");
    return named.length > 0 && named.length <= max && named.every((member) => form.test(member));
}

/** Cuts spaces and tabs, and no line feeds as `trim` does. A regular expression takes quadratic time for the end. */
function trimSpace(text: string): string {
    let start = 0;
    let end = text.length;
    while (start < end && isSpace(text, start)) {
        start++;
    }
    while (end > start && isSpace(text, end - 1)) {
        end--;
    }
    return text.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
    return text[at] === " " || text[at] === "\t";
}
