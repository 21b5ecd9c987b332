import { errorCodes, isObject, type JsonObject, type RpcError } from "../json/jsonRpc.ts";
import type { Tool } from "../processes/toolCatalog.ts";
import { buildRestError, type RestError } from "./restError.ts";

/** What became of a tool call that came as REST. */
export type CallResult =
    | { result: JsonObject }
    | { error: RpcError }
    /** No server could take the call; `retryAfterSeconds` is 1 when left out. */
    | { unavailable: string; retryAfterSeconds?: number }
    | { timeout: string }
    | { refused: { status: number; message: string; headers?: Record<string, string> } };

/** What REST answers: a body with status 200, or an error. */
export type CallAnswer =
    { body: JsonObject } | { error: RestError; headers?: Record<string, string> };

/** Answers `POST /call`: MCP's result as it is, also when the tool itself failed (`isError`). */
export function buildCallAnswer(outcome: CallResult): CallAnswer {
    if (!("result" in outcome)) {
        return buildFailure(outcome);
    }
    return outcome.result.resultType === "input_required"
        ? { error: inputRequired }
        : { body: { result: withoutEnvelope(outcome.result) } };
}

/**
 * Answers `POST /tools/{name}`: the value of a tool that declares one, the content of any other. A tool that failed is an
 * error.
 */
export function buildToolAnswer(outcome: CallResult, tool: Tool): CallAnswer {
    if (!("result" in outcome)) {
        return buildFailure(outcome);
    }
    const { result } = outcome;
    const { content, structuredContent } = result;
    if (result.resultType === "input_required") {
        return { error: inputRequired };
    }
    if (result.isError === true) {
        const message = firstText(content) ?? "the tool failed";
        const details = { content, ...(structuredContent !== undefined && { structuredContent }) };
        return { error: { status: 500, code: "tool_error", message, details } };
    }
    if (tool.outputSchema === undefined) {
        const value = structuredContent !== undefined && { structuredContent };
        return { body: { content, ...value } };
    }
    if (isObject(structuredContent)) {
        return { body: structuredContent };
    }
    const message = `tool '${tool.name}' declares an output schema but gave no 'structuredContent'`;
    return { error: { status: 500, code: "server_error", message, details: { content } } };
}

/** A tool that asks its client something gets no answer here: a REST client cannot be asked. */
const inputRequired: RestError = {
    status: 500,
    code: "input_required",
    message: "the tool asks its caller for input, which only MCP can carry; call it there",
};

function buildFailure(outcome: Exclude<CallResult, { result: JsonObject }>): CallAnswer {
    if ("error" in outcome) {
        return { error: buildRpcFailure(outcome.error) };
    }
    if ("unavailable" in outcome) {
        const seconds = String(outcome.retryAfterSeconds ?? 1);
        const error = buildRestError(503, outcome.unavailable);
        return { error, headers: { "retry-after": seconds } };
    }
    if ("timeout" in outcome) {
        return { error: buildRestError(504, outcome.timeout) };
    }
    const { status, message, headers } = outcome.refused;
    return { error: buildRestError(status, message), ...(headers && { headers }) };
}

function buildRpcFailure({ code, message, data }: RpcError): RestError {
    const details = { code, ...(data !== undefined && { data }) };
    return code === errorCodes.invalidParams
        ? { status: 422, code: "invalid_arguments", message, details }
        : { status: 500, code: "server_error", message, details };
}

/** A result without what 2026-07-28 adds for the protocol's own sake. */
function withoutEnvelope(result: JsonObject): JsonObject {
    const rest = { ...result };
    delete rest.resultType;
    return rest;
}

function firstText(content: unknown): string | undefined {
    const blocks: unknown[] = Array.isArray(content) ? content : [];
    const text = blocks.filter(isObject).find(({ type }) => type === "text")?.text;
    return typeof text === "string" ? text : undefined;
}
