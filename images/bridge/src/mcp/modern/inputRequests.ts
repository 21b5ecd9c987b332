import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RequestId,
} from "../../json/jsonRpc.ts";

/** Something a server asked its client. */
export interface InputRequest {
    /** Id under which the server waits for the answer; undefined when it does not, and is to be called again. */
    childId: RequestId | undefined;
    method: string;
    params: JsonObject | undefined;
}

/** Field that an answer to each kind of request must have. */
const shapes: Record<string, (answer: JsonObject) => boolean> = {
    "elicitation/create": ({ action, content }) =>
        ["accept", "decline", "cancel"].includes(String(action)) &&
        (content === undefined || content === null || isObject(content)),
    "sampling/createMessage": ({ role, content }) =>
        typeof role === "string" && content !== undefined,
    "roots/list": ({ roots }) => Array.isArray(roots),
};

/** Whether a client's answer has the form of one, so that the server can be given it. */
export function isAnswer({ method }: InputRequest, answer: unknown): answer is JsonObject {
    return isObject(answer) && shapes[method]?.(answer) === true;
}

/** Why a client's answers, by the keys of the requests, cannot be given to the server; undefined when they can. */
export function findAnswerProblem(
    requests: ReadonlyMap<string, InputRequest>,
    answers: JsonObject,
): string | undefined {
    for (const [key, request] of requests) {
        if (key in answers && !isAnswer(request, answers[key])) {
            return `inputResponses.${key}: must be an answer to '${request.method}'`;
        }
    }
    return undefined;
}

/** The pages that a server up to 2025-11-25 wants its client to visit, when it fails for that and the client can. */
export function findPages(outcome: Outcome, { elicitation }: JsonObject): InputRequest[] {
    if (!("error" in outcome) || outcome.error.code !== errorCodes.urlElicitationRequired) {
        return [];
    }
    const { data } = outcome.error;
    const able = isObject(elicitation) && isObject(elicitation.url);
    const pages = isObject(data) && Array.isArray(data.elicitations) ? data.elicitations : [];
    return able
        ? pages
              .filter(isObject)
              .map((params) => ({ childId: undefined, method: "elicitation/create", params }))
        : [];
}

/** The `input_required` result that asks all of `requests`, by their keys. */
export function buildInputRequired(
    requests: ReadonlyMap<string, InputRequest>,
    requestState: string,
    meta: JsonObject,
): JsonObject {
    const inputRequests: JsonObject = {};
    for (const [key, { method, params }] of requests) {
        inputRequests[key] = { method, params: withoutTask(method, params) };
    }
    return { resultType: "input_required", inputRequests, requestState, _meta: meta };
}

function withoutTask(method: string, params: JsonObject | undefined): JsonObject {
    const { task, _meta, ...rest } = params ?? {};
    void task;
    if (!isObject(_meta)) {
        return rest;
    }
    const { ["io.modelcontextprotocol/related-task"]: related, ...kept } = _meta;
    void [related, method];
    return Object.keys(kept).length > 0 ? { ...rest, _meta: kept } : rest;
}
