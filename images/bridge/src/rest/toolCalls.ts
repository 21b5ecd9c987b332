import type { IncomingMessage, ServerResponse } from "node:http";
import { writeJson } from "../http/writeJson.ts";
import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import type { Tool } from "../processes/toolCatalog.ts";
import { buildCallAnswer, buildToolAnswer } from "./callAnswer.ts";
import { readJsonBody } from "./readJsonBody.ts";
import { buildRestError, sendRestError, sendUnavailable, type RestError } from "./restError.ts";
import type { RestEndpointArgs } from "./restEndpointArgs.ts";
import { readToolName, toolsPrefix } from "./toolPath.ts";

/** What a request asks for. */
interface AskedCall {
    name: string;
    toolArgs: JsonObject;
}

/** Whether tools are called at a path. */
export function isCallPath(path: string): boolean {
    return path === "/call" || path.startsWith(toolsPrefix);
}

/** Serves `POST /call` and `POST /tools/{name}`. */
export function createToolCalls<Caller>(args: RestEndpointArgs<Caller>) {
    const { bodyLimit, callTool, catalog, offers = () => true } = args;

    return async (
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
        caller: Caller,
    ): Promise<void> => {
        const read = await readJsonBody(request, bodyLimit);
        if (read === undefined) {
            return;
        }
        const asked = "error" in read ? read : readCall(path, read.body);
        if ("error" in asked) {
            // What is left of too large a body is not worth reading, so the connection cannot be used again.
            const headers = asked.error.status === 413 ? { connection: "close" } : undefined;
            sendRestError(response, asked.error, headers);
            return;
        }
        const { name, toolArgs } = asked;
        let tool: Tool | undefined;
        try {
            tool = await catalog.find(name);
        } catch (error) {
            sendUnavailable(response, error);
            return;
        }
        if (tool === undefined || !offers(name, caller)) {
            sendRestError(response, buildRestError(404, `there is no tool '${name}'`));
            return;
        }
        if (response.destroyed) {
            // Its client went while the tool was looked for, and nobody would end the call.
            return;
        }
        const outcome = await withSignal(response, (signal) =>
            callTool(caller, name, toolArgs, signal),
        );
        const answer = path === "/call" ? buildCallAnswer(outcome) : buildToolAnswer(outcome, tool);
        if ("error" in answer) {
            sendRestError(response, answer.error, answer.headers);
        } else {
            writeJson(response, 200, JSON.stringify(answer.body), ["cache-control", "no-store"]);
        }
    };
}

function readCall(path: string, body: JsonObject): AskedCall | { error: RestError } {
    if (path !== "/call") {
        const name = readToolName(path);
        return name === undefined
            ? refuse("the tool's name in the path must be percent-encoded UTF-8")
            : { name, toolArgs: body };
    }
    const { tool_name: name, tool_args: toolArgs = {} } = body;
    if (typeof name !== "string") {
        return refuse("tool_name: must be a string that names a tool");
    }
    return isObject(toolArgs) ? { name, toolArgs } : refuse("tool_args: must be an object");
}

function refuse(message: string): { error: RestError } {
    return { error: buildRestError(400, message) };
}

/** Does `work` with a signal that is aborted when the client goes away meanwhile. */
async function withSignal<T>(
    response: ServerResponse,
    work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
    const abort = new AbortController();
    const onClose = (): void => abort.abort();
    response.once("close", onClose);
    try {
        return await work(abort.signal);
    } finally {
        response.off("close", onClose);
    }
}
