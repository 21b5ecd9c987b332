import type { CallRecord } from "../callRecord.ts";
import { clientInfo, envelope, modernVersions } from "../child/handshake.ts";
import { isDeclared } from "../child/clientRequests.ts";
import {
    describeOutcome,
    findBacklog,
    type CallOwner,
    type ForwardedCall,
    type Forwarder,
    type Upstream,
} from "../forwarder.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RpcRequest,
} from "../jsonRpc.ts";
import type { Session } from "./session.ts";

/** Times one call may ask its client, which is the SDK's own limit. */
const roundLimit = 8;

/** What results of 2026-07-28 have that earlier ones have not. */
const newFields = ["resultType", "ttlMs", "cacheScope"];

/**
 * Sends the request of a client up to 2025-11-25 to a server from 2026-07-28 on: each request says what the session said in
 * its handshake, and what the server asks by `input_required` the client is asked by requests.
 *
 * @param owner told when the server has nothing more to say
 * @returns undefined when it was refused
 */
export function forwardToModern(
    forwarder: Forwarder,
    exchange: Exchange,
    reply: Reply,
    session: Session | undefined,
    request: RpcRequest,
    upstream: Upstream,
    record: CallRecord,
    owner: CallOwner,
): ForwardedCall | undefined {
    const { id, method } = request;
    const { connection } = upstream;
    const backlog = findBacklog(upstream);
    if (backlog !== undefined) {
        forwarder.refuse(exchange, id, record, backlog);
        owner.callOver();
        return undefined;
    }
    let callId = 0;
    let rounds = 0;
    let over = false;

    const end = (outcome: Outcome): void => {
        if (!over) {
            over = true;
            finish(
                reply,
                id,
                "error" in outcome ? outcome : { result: plainResult(outcome.result) },
            );
            const code = "error" in outcome ? outcome.error.code : undefined;
            forwarder.end(record, describeOutcome(outcome), code);
            owner.callOver();
        }
    };

    const send = (added: JsonObject): void => {
        const params = { ...request.params, ...added, _meta: buildMeta(session, request.params) };
        const handlers = {
            onProgress: (progress: JsonObject) =>
                reply.notify({
                    jsonrpc: "2.0",
                    method: "notifications/progress",
                    params: progress,
                }),
            onAnswer: (outcome: Outcome) => void take(outcome),
        };
        const traced = forwarder.trace(exchange, record, params);
        callId = connection.call(method, traced, handlers, forwarder.callLimit);
    };

    const take = async (outcome: Outcome): Promise<void> => {
        if ("error" in outcome || outcome.result.resultType !== "input_required") {
            end(outcome);
            return;
        }
        const { inputRequests, requestState } = outcome.result;
        if (session === undefined || ++rounds > roundLimit) {
            end(
                cannotAsk(
                    session === undefined ? noSession : `it asks more than ${roundLimit} times`,
                ),
            );
            return;
        }
        const answers = await askAll(session, reply, inputRequests, forwarder.callLimit);
        if ("error" in answers) {
            end(answers);
        } else if (!over) {
            send({
                inputResponses: answers.result,
                ...(requestState !== undefined && { requestState }),
            });
        }
    };

    send({});
    return {
        cancel(reason) {
            if (!over) {
                over = true;
                connection.cancel(callId, reason);
                forwarder.end(record, "cancelled");
                owner.callOver();
            }
        },
    };
}

const noSession = "its client has no session in which it could be asked";

async function askAll(
    session: Session,
    reply: Reply,
    requests: unknown,
    limit: number,
): Promise<Outcome> {
    const asked = Object.entries(isObject(requests) ? requests : {});
    const answers = await Promise.all(
        asked.map(async ([key, request]) => {
            const { method, params } = isObject(request) ? request : {};
            if (typeof method !== "string" || !isDeclared(method, session.terms.capabilities)) {
                return [
                    key,
                    cannotAsk(`'${String(method)}' is nothing that this client can be asked`),
                ] as const;
            }
            // Before 2026-07-28 a page to visit had an id, by which its end could be told.
            const page = isObject(params) && params.mode === "url" && { elicitationId: key };
            const given = isObject(params) ? { ...page, ...params } : undefined;
            return [key, await session.ask(method, given, limit, reply).answered] as const;
        }),
    );
    const failed = answers.find(([, outcome]) => "error" in outcome);
    if (failed !== undefined) {
        return failed[1];
    }
    const results = answers.map(([key, outcome]) => [key, "result" in outcome && outcome.result]);
    return { result: Object.fromEntries(results) as JsonObject };
}

function cannotAsk(reason: string): Outcome {
    const message = `the server asked for input that it cannot have: ${reason}`;
    return { error: { code: errorCodes.internalError, message } };
}

function buildMeta(session: Session | undefined, params: JsonObject | undefined): JsonObject {
    const meta = isObject(params?._meta) ? params._meta : {};
    const level = session?.listening?.logLevel;
    return {
        ...meta,
        [envelope.protocolVersion]: modernVersions[0],
        [envelope.clientCapabilities]: session?.terms.capabilities ?? {},
        [envelope.clientInfo]: session?.terms.clientInfo ?? clientInfo,
        ...(level !== undefined && { [envelope.logLevel]: level }),
    };
}

function plainResult(result: JsonObject): JsonObject {
    const kept = { ...result };
    newFields.forEach((field) => delete kept[field]);
    if (isObject(kept._meta)) {
        const meta = Object.entries(kept._meta).filter(([key]) => key !== envelope.serverInfo);
        if (meta.length === 0) {
            delete kept._meta;
        } else {
            kept._meta = Object.fromEntries(meta);
        }
    }
    return kept;
}
