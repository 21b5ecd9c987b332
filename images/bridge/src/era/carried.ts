import { isObject, type JsonObject } from "../jsonRpc.ts";

/**
 * Methods that a process shared by many clients cannot serve honestly: their effect or their answer belongs to one
 * client (log level, subscriptions, tasks), and the connection's own.
 */
const notCarried = new Set([
    "initialize",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
]);

/** Whether a client's request goes on to the shared server. */
export function isCarried(method: string): boolean {
    return !notCarried.has(method) && !method.startsWith("tasks/");
}

/**
 * The server's capabilities as far as the bridge carries them.
 *
 * @param listChanged whether the client has a stream on which it can learn of a changed list
 */
export function carriedCapabilities(capabilities: JsonObject, listChanged: boolean): JsonObject {
    const carried: JsonObject = {};
    for (const [name, value] of Object.entries(capabilities)) {
        if (name === "logging" || name === "tasks") {
            continue;
        }
        if (!isObject(value)) {
            carried[name] = value;
            continue;
        }
        const kept = { ...value };
        delete kept.subscribe;
        if (!listChanged) {
            delete kept.listChanged;
        }
        carried[name] = kept;
    }
    return carried;
}

/** A request's parameters without the wish to run it as a task. */
export function carriedParams(params: JsonObject | undefined): JsonObject | undefined {
    if (params === undefined || !("task" in params)) {
        return params;
    }
    const carried = { ...params };
    delete carried.task;
    return carried;
}

/** A result without the offer to run tools as tasks. */
export function carriedResult(method: string, result: JsonObject): JsonObject {
    if (method !== "tools/list" || !Array.isArray(result.tools)) {
        return result;
    }
    const tools = result.tools.map((tool: unknown) => {
        if (!isObject(tool) || !isObject(tool.execution)) {
            return tool;
        }
        const execution = { ...tool.execution };
        delete execution.taskSupport;
        const carried = { ...tool, execution };
        return Object.keys(execution).length > 0 ? carried : withoutExecution(carried);
    });
    return { ...result, tools };
}

function withoutExecution(tool: JsonObject): JsonObject {
    const rest = { ...tool };
    delete rest.execution;
    return rest;
}
