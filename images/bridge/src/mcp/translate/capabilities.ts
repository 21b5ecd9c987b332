import { isObject, type JsonObject } from "../../json/jsonRpc.ts";

/**
 * Methods that a process shared by many clients cannot serve as they are: their effect belongs to one client, or to the
 * connection.
 */
const notCarried = new Set([
    "initialize",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
]);

/** Whether a client's request goes on to the shared server as it is. */
export function isForwardable(method: string): boolean {
    return !notCarried.has(method) && !method.startsWith("tasks/");
}

/** A shared server's capabilities as far as the bridge carries them: no log and no tasks, which belong to one client. */
export function carriedCapabilities(capabilities: JsonObject): JsonObject {
    if (!("logging" in capabilities) && !("tasks" in capabilities)) {
        return capabilities;
    }
    const carried = { ...capabilities };
    delete carried.logging;
    delete carried.tasks;
    return carried;
}

/** Capabilities without the promises to tell of changes, for a client that no process of its own could tell. */
export function silentCapabilities(capabilities: JsonObject): JsonObject {
    const entries = Object.entries(capabilities).map(([name, value]) => {
        if (!isObject(value)) {
            return [name, value];
        }
        const { listChanged, subscribe, ...rest } = value;
        void [listChanged, subscribe];
        return [name, rest];
    });
    return Object.fromEntries(entries) as JsonObject;
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

/** A list of tools without the offer to run them as tasks; any other result as it is. */
export function carriedResult(method: string, result: JsonObject): JsonObject {
    if (method !== "tools/list" || !Array.isArray(result.tools) || !result.tools.some(hasTasks)) {
        return result;
    }
    return { ...result, tools: result.tools.map(withoutTasks) };
}

function hasTasks(tool: unknown): tool is JsonObject & { execution: JsonObject } {
    return isObject(tool) && isObject(tool.execution) && "taskSupport" in tool.execution;
}

function withoutTasks(tool: unknown): unknown {
    if (!hasTasks(tool)) {
        return tool;
    }
    const { execution, ...rest } = tool;
    const kept = { ...execution };
    delete kept.taskSupport;
    return Object.keys(kept).length > 0 ? { ...rest, execution: kept } : rest;
}
