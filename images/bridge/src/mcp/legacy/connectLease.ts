import type { Lease } from "../../processes/childPool.ts";
import type { Reply } from "../../http/reply.ts";
import {
    isObject,
    isRequestId,
    keyOf,
    type JsonObject,
    type RequestId,
} from "../../json/jsonRpc.ts";
import type { Session } from "./session.ts";

export interface LeaseConnection {
    /** Longest wait for an answer of the client, in milliseconds. */
    limit: number;
    /** Called when the process is gone. */
    onExit: () => void;
    /** Where the client is told, for a process that serves one request. */
    reply?: Reply;
}

/** Relays what a process sends by itself to the client of the session that it belongs to, and the client's answers back. */
export function connectLease(
    { connection }: Lease,
    session: Session,
    { limit, onExit, reply }: LeaseConnection,
): void {
    /** Requests to the client, by the process's own ids. */
    const asked = new Map<string | number, RequestId>();

    const notify = (method: string, params: JsonObject | undefined): void => {
        if (method === "notifications/cancelled" && isRequestId(params?.requestId)) {
            const id = asked.get(keyOf(params.requestId));
            if (id !== undefined) {
                session.send(
                    { jsonrpc: "2.0", method, params: { ...params, requestId: id } },
                    reply,
                );
            }
        } else if (method === "notifications/subscriptions/acknowledged") {
            session.listening?.hear(method, params);
        } else if (session.listening?.concerns(params) !== false) {
            session.send({ jsonrpc: "2.0", method, ...(params && { params }) }, reply);
        }
    };

    /**
     * Processes of different requests may have chosen equal tokens, so theirs do not reach the client. The one process of a
     * session is told everything, by its own tokens: it may want to hear of a task whose request was answered long ago.
     */
    const findProgress = (
        params: JsonObject | undefined,
    ): ((progress: JsonObject) => void) | undefined => {
        const progressToken = isObject(params?._meta) ? params._meta.progressToken : undefined;
        return reply === undefined || progressToken === undefined
            ? undefined
            : (progress) =>
                  connection.notify("notifications/progress", { ...progress, progressToken });
    };

    const ask = async (
        childId: RequestId,
        method: string,
        params: JsonObject | undefined,
    ): Promise<void> => {
        const onProgress = findProgress(params);
        const { id, answered } = session.ask(method, params, { limit, reply, onProgress });
        asked.set(keyOf(childId), id);
        const outcome = await answered;
        asked.delete(keyOf(childId));
        connection.answer(childId, outcome);
    };

    connection.handlers = {
        onNotification: notify,
        onRequest: (id, method, params) => void ask(id, method, params),
        onExit,
    };
}
