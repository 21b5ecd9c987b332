import {
    isObject,
    isRequestId,
    type JsonObject,
    type Outcome,
    type RpcNotification,
} from "../../json/jsonRpc.ts";
import type { Session } from "./session.ts";

/** Whether what a client sent is a JSON-RPC message at all. */
export function isMessage({ method, params, result, error }: JsonObject): boolean {
    return method === undefined
        ? result !== undefined || error !== undefined
        : typeof method === "string" && (params === undefined || isObject(params));
}

/** Gives a client's answer to whoever asked. False when it may be for another replica. */
export function takeAnswer(
    session: Session | undefined,
    { id, result, error }: JsonObject,
): boolean {
    if (session === undefined || !isRequestId(id)) {
        return true;
    }
    const outcome = isObject(error) ? { error } : { result: isObject(result) ? result : {} };
    return session.answer(id, outcome as unknown as Outcome);
}

/** Takes what a client says unasked. False when it may be for another replica. */
export function takeNotification(
    session: Session | undefined,
    { method, params }: RpcNotification,
): boolean {
    if (session === undefined || method === "notifications/initialized") {
        return true;
    }
    if (method === "notifications/cancelled") {
        const { requestId, reason } = params ?? {};
        if (!isRequestId(requestId)) {
            return true;
        }
        const call = session.takeCall(requestId);
        call?.cancel(typeof reason === "string" ? reason : "cancelled by the client");
        return call !== undefined;
    }
    if (method === "notifications/progress" && session.progress(params ?? {})) {
        return true;
    }
    session.lease?.connection.notify(method, params);
    return true;
}
